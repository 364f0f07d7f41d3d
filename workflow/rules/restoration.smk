"""Restore test images from linear measurements with the networks of the largest N."""


rule restore:
    input:
        sealed(
            images=data("images.npy"),
            split=data("split.json"),
            gaussians=gaussian_models,
            checkpoints=expand(
                "results/{{experiment}}/denoisers/n{{n}}_{subset}_r0.safetensors",
                subset=SUBSETS,
            ),
        ),
    output:
        **with_seals(restored="results/{experiment}/restoration/n{n}.npz"),
    log:
        "results/{experiment}/logs/restore/n{n}.log",
    benchmark:
        "results/{experiment}/benchmarks/restore/n{n}.tsv"
    conda:
        ENVIRONMENT
    threads: threads
    resources:
        gpu=gpus,
        mem_mb=growing(basis_memory),
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
        code=code("restore.py", denoiser_module),
    script:
        "../scripts/restore.py"


rule restoration_table:
    input:
        sealed(
            restored=lambda wildcards: at_largest(
                wildcards.experiment, "restoration/n{largest}.npz"
            ),
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
        n=largest,
        settings=section("seed", "bootstrap", conditional=("factor",)),
        code=code("restoration_table.py"),
    script:
        "../scripts/restoration_table.py"
