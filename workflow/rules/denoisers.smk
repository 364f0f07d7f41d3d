"""Train a denoiser for every (N, subset, repeat), or take it, and measure its errors."""


rule adopt:
    input:
        weights=ancient(of(originals.weights_file)),
    output:
        **with_seals(
            checkpoint="results/{experiment}/denoisers/n{n}_{subset}_r{repeat}.safetensors",
        ),
    log:
        "results/{experiment}/logs/adopt/n{n}_{subset}_r{repeat}.log",
    benchmark:
        "results/{experiment}/benchmarks/adopt/n{n}_{subset}_r{repeat}.tsv"
    wildcard_constraints:
        experiment=PLAN.adopting_pattern,
    localrule: True
    conda:
        ENVIRONMENT
    params:
        settings=section("denoiser", data=("channels", "size")),
        weights=of(originals.weights_content),
        code=code("adopt.py", parameters.denoiser_modules),
    script:
        "../scripts/adopt.py"


rule train:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
        ),
    output:
        **with_seals(
            checkpoint="results/{experiment}/denoisers/n{n}_{subset}_r{repeat}.safetensors",
        ),
    log:
        text="results/{experiment}/logs/train/n{n}_{subset}_r{repeat}.log",
        progress="results/{experiment}/logs/train/n{n}_{subset}_r{repeat}.csv",
    benchmark:
        "results/{experiment}/benchmarks/train/n{n}_{subset}_r{repeat}.tsv"
    wildcard_constraints:
        experiment=PLAN.training_pattern,
    conda:
        ENVIRONMENT
    threads: needs(resources.training_threads)
    resources:
        gpu=needs(resources.training_gpus),
        mem_mb=growing(resources.training_memory),
    params:
        settings=of(parameters.training),
        # Not an output: Snakemake would delete it when the job is killed.
        resume="results/{experiment}/denoisers/.n{n}_{subset}_r{repeat}.resume.safetensors",
        code=code("train.py", parameters.denoiser_modules),
    script:
        "../scripts/train.py"


rule evaluate:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
            checkpoints=of(paths.networks),
        ),
    output:
        **with_seals(errors="results/{experiment}/evaluation/n{n}_r{repeat}.npz"),
    log:
        "results/{experiment}/logs/evaluate/n{n}_r{repeat}.log",
    benchmark:
        "results/{experiment}/benchmarks/evaluate/n{n}_r{repeat}.tsv"
    conda:
        ENVIRONMENT
    resources:
        gpu=needs(resources.gpus),
        mem_mb=growing(resources.job_memory),
    params:
        settings=section("seed", "denoiser", "evaluation"),
        code=code("evaluate.py", parameters.denoiser_modules),
    script:
        "../scripts/evaluate.py"
