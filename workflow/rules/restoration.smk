"""Restore test images from linear measurements with the networks of the largest N."""


rule restore:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
            gaussians=of(paths.first_gaussians),
            checkpoints=of(paths.first_networks),
        ),
    output:
        **with_seals(restored="results/{experiment}/restoration/n{n}.npz"),
    log:
        "results/{experiment}/logs/restore/n{n}.log",
    benchmark:
        "results/{experiment}/benchmarks/restore/n{n}.tsv"
    conda:
        ENVIRONMENT
    threads: needs(resources.threads)
    resources:
        gpu=needs(resources.gpus),
        mem_mb=growing(resources.basis_memory),
    params:
        settings=section(
            "seed",
            "denoiser",
            "conditional",
            sampling=(
                "batch",
                "step",
                "step_law",
                "beta",
                "mean",
                "sigma_start",
                "sigma_end",
                "max_steps",
            ),
        ),
        code=code("restore.py", parameters.denoiser_modules),
    script:
        "../scripts/restore.py"


rule restoration_table:
    input:
        sealed(
            restored=of(paths.largest, "restoration/n{largest}.npz"),
        ),
    output:
        **with_seals(
            rows="results/{experiment}/tables/restoration.csv",
            summary="results/{experiment}/tables/restoration_summary.csv",
        ),
    log:
        "results/{experiment}/logs/restoration_table.log",
    benchmark:
        "results/{experiment}/benchmarks/restoration_table.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        n=of(parameters.largest_n),
        settings=section("seed", "bootstrap", conditional=("factor",)),
        code=code("restoration_table.py"),
    script:
        "../scripts/restoration_table.py"
