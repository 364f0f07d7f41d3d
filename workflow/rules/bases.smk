"""Eigenbases of Jacobians and near-optimality, of network A at the largest N."""

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


def basis_memory(wildcards):
    """Return MB for the images, and a few float64 matrices of all pixels."""
    data = settings(wildcards).data
    return int(image_memory(wildcards) + 4000 + 8 * 8 * (data.channels * data.size**2) ** 2 / 1e6)


def of_each(experiments, pattern, sigma=None):
    """Return ``pattern``, a path below the folder, for each experiment at its largest N."""
    return [
        f"results/{name}/{pattern}".format(largest=EXPERIMENTS[name].sizes[-1], sigma=sigma)
        for name in experiments
    ]


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
        for name in shown_by(figure, EXPERIMENTS)
    ]


def network(wildcards):
    """Return the network that is looked into: A, the first repeat."""
    return f"results/{wildcards.experiment}/denoisers/n{wildcards.n}_A_r0.safetensors"


rule optimality:
    input:
        images=ancient(data("images.npy")),
        split=data("split.json"),
        gaussian=lambda wildcards: gaussian_models(wildcards)[0],
        checkpoint=network,
    output:
        errors="results/{experiment}/optimality/n{n}.npz",
    log:
        "results/{experiment}/logs/optimality/n{n}.log",
    benchmark:
        "results/{experiment}/benchmarks/optimality/n{n}.tsv"
    conda:
        "../envs/gahb.yaml"
    threads: lambda wildcards: settings(wildcards).runtime.threads
    resources:
        gpu=1,
        mem_mb=basis_memory,
    params:
        settings=section("seed", "denoiser", "evaluation", data=IMAGES),
        code=code("optimality.py", denoiser_module),
    script:
        "../scripts/optimality.py"


rule bases:
    input:
        images=ancient(data("images.npy")),
        split=data("split.json"),
        gaussian=lambda wildcards: gaussian_models(wildcards)[0],
        checkpoint=network,
    output:
        bases="results/{experiment}/bases/n{n}_sigma{sigma}.npz",
    log:
        "results/{experiment}/logs/bases/n{n}_sigma{sigma}.log",
    benchmark:
        "results/{experiment}/benchmarks/bases/n{n}_sigma{sigma}.tsv"
    conda:
        "../envs/gahb.yaml"
    threads: lambda wildcards: settings(wildcards).runtime.threads
    resources:
        gpu=1,
        mem_mb=basis_memory,
    params:
        settings=section("seed", "denoiser", data=IMAGES, bases=("images", "modes", "shown")),
        code=code("bases.py", denoiser_module),
    script:
        "../scripts/bases.py"


rule optimality_tables:
    input:
        errors=lambda wildcards: of_each([wildcards.experiment], "optimality/n{largest}.npz"),
        peers=lambda wildcards: of_each(
            peers(wildcards.experiment, EXPERIMENTS), "optimality/n{largest}.npz"
        ),
    output:
        curves="results/{experiment}/tables/psnr_by_method.csv",
        slopes="results/{experiment}/tables/slopes.csv",
        divergence="results/{experiment}/tables/divergence.csv",
    log:
        "results/{experiment}/logs/optimality_tables.log",
    benchmark:
        "results/{experiment}/benchmarks/optimality_tables.tsv"
    localrule: True
    conda:
        "../envs/gahb.yaml"
    params:
        record=lambda wildcards: describe(wildcards.experiment),
        peers=lambda wildcards: peers(wildcards.experiment, EXPERIMENTS),
        settings=section("seed", "bootstrap"),
        code=code("optimality_tables.py"),
    script:
        "../scripts/optimality_tables.py"


rule bases_table:
    input:
        bases=lambda wildcards: of_each(
            [wildcards.experiment], "bases/n{largest}_sigma{sigma}.npz", wildcards.sigma
        ),
    output:
        table="results/{experiment}/tables/bases_sigma{sigma}.csv",
    log:
        "results/{experiment}/logs/bases_table_sigma{sigma}.log",
    benchmark:
        "results/{experiment}/benchmarks/bases_table_sigma{sigma}.tsv"
    localrule: True
    conda:
        "../envs/gahb.yaml"
    params:
        record=lambda wildcards: describe(wildcards.experiment),
        settings=section("seed", "bootstrap"),
        code=code("bases_table.py"),
    script:
        "../scripts/bases_table.py"
