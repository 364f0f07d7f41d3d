"""What the figures that join experiments show: experiments, noise levels, files."""

# What images are, wherever their files come from.
IMAGES = (
    "source",
    "size",
    "channels",
    "shuffle",
    "count",
    "contour_alpha",
    "background_alpha",
    "regions",
)


def at_largest(experiment, pattern, sigma=None):
    """Return ``pattern``, a path below the folder, for the largest N of an experiment."""
    largest = EXPERIMENTS[experiment].sizes[-1]
    return f"results/{experiment}/{pattern}".format(largest=largest, sigma=sigma)


def of_each(experiments, pattern, sigma=None):
    """Return `at_largest` of each experiment."""
    return [at_largest(name, pattern, sigma) for name in experiments]


def describe(experiment):
    """Return what figures and claims on bases tell experiments apart by."""
    chosen = EXPERIMENTS[experiment]
    data = {"source", "shuffle", "contour_alpha", "background_alpha", "regions", "size"}
    return {
        "experiment": experiment,
        "kind": chosen.denoiser.kind,
        "n": chosen.sizes[-1],
        "presentations": chosen.training.presentations,
        **chosen.data.model_dump(include=data),
    }


def base_records(wildcards):
    """Return figure, noise level and experiment of all that figures on bases are to show."""
    return [
        {"figure": figure, "sigma": sigma_of(figure, settings(wildcards)), **describe(name)}
        for figure in settings(wildcards).targets
        if is_about_bases(figure)
        for name in checked(shown_by, figure, family_of(wildcards.experiment))
    ]


def resolution_records(wildcards):
    """Return size, N and repeats of the experiments that figure 15 is to show."""
    if "figure_15" not in settings(wildcards).targets:
        return []
    shown = checked(shown_by, "figure_15", family_of(wildcards.experiment))
    return [
        {"experiment": name, "size": EXPERIMENTS[name].data.size}
        | EXPERIMENTS[name].model_dump(include={"sizes", "repeats"})
        for name in shown
    ]


def network(wildcards):
    """Return the network that is looked into: A, the first repeat."""
    return f"results/{wildcards.experiment}/denoisers/n{wildcards.n}_A_r0.safetensors"
