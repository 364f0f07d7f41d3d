"""Which files a figure reads, and which figures are drawn."""

# What each figure reads, as paths below the experiment's folder: one path, or, with {n},
# one for every N. A figure that repeats another one reads the same.
FIGURES = {
    "figure_1": {"psnr": "tables/psnr.csv"},
    "figure_2": {
        "samples": "samples/n{n}_r0.npz",
        "pairs": "tables/pairs/n{n}_r0.csv",
        "images": "data/images.npy",
        "split": "data/split.json",
    },
    "figure_6": {
        "closest": "tables/closest_across.csv",
        "dedup": "data/dedup.json",
        "images": "data/images.npy",
        "split": "data/split.json",
    },
    "figure_7": {
        "samples": "samples/n{largest}_r0.npz",
        "pairs": "tables/pairs/n{largest}_r0.csv",
    },
    "figure_8": {"trajectories": "samples/trajectories.npz"},
    **dict.fromkeys(
        (
            "figure_3",
            "figure_4",
            "figure_5",
            "figure_16",
            "figure_17",
            "figure_18",
            "figure_19",
            "figure_20",
            "figure_21",
        ),
        {
            "bases": "bases/n{largest}_sigma{sigma}.npz",
            "curves": "tables/psnr_by_method.csv",
            "slopes": "tables/slopes.csv",
            "summary": "tables/bases_sigma{sigma}.csv",
        },
    ),
    "figure_15": {"gaps": "tables/gap.csv", "architectures": "tables/architecture.csv"},
    "gaussian_linearity": {"table": "tables/agreement.csv"},
    "gaussian_difference": {"table": "tables/agreement.csv"},
    "gaussian_samples": {
        "samples": "samples/n{n}_r0.npz",
        "models": "samples/models/n{n}_r0.npz",
    },
    "gaussian_weights": {
        "table": "tables/agreement.csv",
        "maps": "distilled/n{n}_r0.npz",
        "gaussians": "gaussian/n{n}_A.npz",
    },
    "gaussian_by_n": {
        "by_sigma": "tables/agreement.csv",
        "overall": "tables/agreement_overall.csv",
        "samples": "tables/model_samples.csv",
    },
    "gaussian_by_width": {
        "by_sigma": "tables/agreement.csv",
        "overall": "tables/agreement_overall.csv",
        "samples": "tables/model_samples.csv",
    },
    "gaussian_by_time": {
        "by_sigma": "tables/agreement.csv",
        "overall": "tables/agreement_overall.csv",
        "samples": "tables/model_samples.csv",
        "times": "tables/training_times.csv",
    },
    "gaussian_strong": {
        "overall": "tables/agreement_overall.csv",
        "samples": "tables/model_samples.csv",
    },
    "gaussian_jacobian": {
        "table": "tables/jacobian.csv",
        "vectors": "jacobian/n{n}_r0.npz",
    },
    "conditional": {
        "restored": "restoration/n{largest}.npz",
        "summary": "tables/restoration_summary.csv",
    },
}
# Folders that experiments with the same images share.
SHARED = ("data/", "gaussian/")


def figure_files():
    """Return the files of every figure that is to be drawn."""
    return [file for target in ALL_FIGURES for file in files_of(target, listed(target))]


def listed(figure):
    """Return the experiments that list a figure among their targets."""
    return [name for name in WITH_FIGURES if figure in EXPERIMENTS[name].targets]


def files_of(figure, experiments):
    """Return the files of one figure in each of some experiments."""
    return [
        f"results/{experiment}/figures/{figure}.{kind}"
        for experiment in experiments
        for kind in ("png", "pdf")
    ]


def one_figure(figure):
    """Return an input function: a figure wherever it is listed, else in the first experiment."""

    def paths(wildcards):
        experiments = listed(figure)
        if not experiments and drawn_as(figure) != figure:
            raise WorkflowError(
                f"config: targets: {figure} is {drawn_as(figure)} for other images or another "
                "network: list it in the targets of the experiment or variant that has them"
            )
        return files_of(figure, experiments or [next(iter(EXPERIMENTS))])

    return paths


def figure_inputs(wildcards):
    """Return the named inputs of one figure."""
    for problem in unfit_for(wildcards.figure, settings(wildcards)):
        raise WorkflowError(f"config: {problem}")
    patterns = FIGURES[drawn_as(wildcards.figure)]
    if joins_experiments(wildcards.figure):
        shown = checked(shown_by, wildcards.figure, family_of(wildcards.experiment))
        bases = is_about_bases(wildcards.figure)
        sigma = sigma_of(wildcards.figure, settings(wildcards)) if bases else None
        return {name: of_each(shown, pattern, sigma) for name, pattern in patterns.items()}
    sizes, inputs = settings(wildcards).sizes, {}
    for name, pattern in patterns.items():
        shared = pattern.startswith(SHARED)
        owner = data_of(wildcards.experiment) if shared else wildcards.experiment
        path = f"results/{owner}/{pattern}"
        if "{n}" in pattern:
            inputs[name] = expand(path, n=sizes)
        else:
            inputs[name] = path.format(largest=sizes[-1])
    return inputs


def caption(wildcards):
    """Return the text under a figure in the report."""
    return (HERE / f"workflow/report/{wildcards.figure}.rst").read_text(encoding="utf-8")
