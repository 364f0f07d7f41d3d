"""Eigenbases of Jacobians and near-optimality, of network A at the largest N."""


rule optimality:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
            gaussian=of(paths.gaussian_model),
            checkpoint=of(paths.first_network),
        ),
    output:
        **with_seals(errors="results/{experiment}/optimality/n{n}.npz"),
    log:
        "results/{experiment}/logs/optimality/n{n}.log",
    benchmark:
        "results/{experiment}/benchmarks/optimality/n{n}.tsv"
    conda:
        ENVIRONMENT
    threads: needs(resources.threads)
    resources:
        gpu=needs(resources.gpus),
        mem_mb=growing(resources.basis_memory),
    params:
        settings=section("seed", "denoiser", "evaluation", data=parameters.IMAGES),
        code=code("optimality.py", parameters.denoiser_modules),
    script:
        "../scripts/optimality.py"


rule bases:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
            gaussian=of(paths.gaussian_model),
            checkpoint=of(paths.first_network),
        ),
    output:
        **with_seals(bases="results/{experiment}/bases/n{n}_sigma{sigma}.npz"),
    log:
        "results/{experiment}/logs/bases/n{n}_sigma{sigma}.log",
    benchmark:
        "results/{experiment}/benchmarks/bases/n{n}_sigma{sigma}.tsv"
    conda:
        ENVIRONMENT
    threads: needs(resources.threads)
    resources:
        gpu=needs(resources.gpus),
        mem_mb=growing(resources.basis_memory),
    params:
        settings=section(
            "seed", "denoiser", data=parameters.IMAGES, bases=("images", "modes", "shown")
        ),
        code=code("bases.py", parameters.denoiser_modules),
    script:
        "../scripts/bases.py"


rule optimality_tables:
    input:
        sealed(
            errors=of(paths.largest, "optimality/n{largest}.npz"),
            peers=of(paths.optimality_of_peers),
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
        record=of(records.described),
        peers=of(records.peers_of),
        settings=section("seed", "bootstrap"),
        code=code("optimality_tables.py"),
    script:
        "../scripts/optimality_tables.py"


rule bases_table:
    input:
        sealed(
            bases=of(paths.largest_bases),
        ),
    output:
        **with_seals(table="results/{experiment}/tables/bases_sigma{sigma}.csv"),
    log:
        "results/{experiment}/logs/bases_table/sigma{sigma}.log",
    benchmark:
        "results/{experiment}/benchmarks/bases_table/sigma{sigma}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        record=of(records.described),
        settings=section("seed", "bootstrap"),
        code=code("bases_table.py"),
    script:
        "../scripts/bases_table.py"
