"""Eigenbases of Jacobians and near-optimality, of network A at the largest N."""


rule optimality:
    input:
        sealed(
            images=data("images.npy"),
            split=data("split.json"),
            gaussian=lambda wildcards: gaussian_models(wildcards)[0],
            checkpoint=network,
        ),
    output:
        **with_seals(errors="results/{experiment}/optimality/n{n}.npz"),
    log:
        "results/{experiment}/logs/optimality/n{n}.log",
    benchmark:
        "results/{experiment}/benchmarks/optimality/n{n}.tsv"
    conda:
        ENVIRONMENT
    threads: threads
    resources:
        gpu=gpus,
        mem_mb=growing(basis_memory),
    params:
        settings=section("seed", "denoiser", "evaluation", data=IMAGES),
        code=code("optimality.py", denoiser_module),
    script:
        "../scripts/optimality.py"


rule bases:
    input:
        sealed(
            images=data("images.npy"),
            split=data("split.json"),
            gaussian=lambda wildcards: gaussian_models(wildcards)[0],
            checkpoint=network,
        ),
    output:
        **with_seals(bases="results/{experiment}/bases/n{n}_sigma{sigma}.npz"),
    log:
        "results/{experiment}/logs/bases/n{n}_sigma{sigma}.log",
    benchmark:
        "results/{experiment}/benchmarks/bases/n{n}_sigma{sigma}.tsv"
    conda:
        ENVIRONMENT
    threads: threads
    resources:
        gpu=gpus,
        mem_mb=growing(basis_memory),
    params:
        settings=section("seed", "denoiser", data=IMAGES, bases=("images", "modes", "shown")),
        code=code("bases.py", denoiser_module),
    script:
        "../scripts/bases.py"


rule optimality_tables:
    input:
        sealed(
            errors=lambda wildcards: at_largest(wildcards.experiment, "optimality/n{largest}.npz"),
            peers=lambda wildcards: of_each(
                peers(wildcards.experiment, family_of(wildcards.experiment)),
                "optimality/n{largest}.npz",
            ),
        ),
    output:
        **with_seals(
            curves="results/{experiment}/tables/psnr_by_method.csv",
            slopes="results/{experiment}/tables/slopes.csv",
            divergence="results/{experiment}/tables/divergence.csv",
        ),
    log:
        "results/{experiment}/logs/optimality_tables.log",
    benchmark:
        "results/{experiment}/benchmarks/optimality_tables.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        record=lambda wildcards: describe(wildcards.experiment),
        peers=lambda wildcards: peers(wildcards.experiment, family_of(wildcards.experiment)),
        settings=section("seed", "bootstrap"),
        code=code("optimality_tables.py"),
    script:
        "../scripts/optimality_tables.py"


rule bases_table:
    input:
        sealed(
            bases=lambda wildcards: at_largest(
                wildcards.experiment, "bases/n{largest}_sigma{sigma}.npz", wildcards.sigma
            ),
        ),
    output:
        **with_seals(table="results/{experiment}/tables/bases_sigma{sigma}.csv"),
    log:
        "results/{experiment}/logs/bases_table_sigma{sigma}.log",
    benchmark:
        "results/{experiment}/benchmarks/bases_table/sigma{sigma}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        record=lambda wildcards: describe(wildcards.experiment),
        settings=section("seed", "bootstrap"),
        code=code("bases_table.py"),
    script:
        "../scripts/bases_table.py"
