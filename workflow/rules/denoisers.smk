"""Train a denoiser for every (N, subset, repeat), or take it, and measure its errors."""

ADOPTING = [name for name, chosen in EXPERIMENTS.items() if chosen.denoiser.weights]


rule adopt:
    input:
        weights=ancient(weights_file),
    output:
        **with_seals(
            checkpoint="results/{experiment}/denoisers/n{n}_{subset}_r{repeat}.safetensors",
        ),
    log:
        "results/{experiment}/logs/adopt/n{n}_{subset}_r{repeat}.log",
    benchmark:
        "results/{experiment}/benchmarks/adopt/n{n}_{subset}_r{repeat}.tsv"
    wildcard_constraints:
        experiment=any_of(ADOPTING),
    localrule: True
    conda:
        ENVIRONMENT
    params:
        settings=section("denoiser", data=("channels", "size")),
        weights=weights_content,
        code=code("adopt.py", denoiser_module),
    script:
        "../scripts/adopt.py"


rule train:
    input:
        sealed(
            images=data("images.npy"),
            split=data("split.json"),
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
        experiment=none_of(ADOPTING),
    conda:
        ENVIRONMENT
    threads: training_threads
    resources:
        gpu=training_gpus,
        mem_mb=growing(training_memory),
    params:
        settings=training_settings,
        # Not an output: Snakemake would delete it when the job is killed.
        resume="results/{experiment}/denoisers/.n{n}_{subset}_r{repeat}.resume.safetensors",
        code=code("train.py", denoiser_module),
    script:
        "../scripts/train.py"


rule evaluate:
    input:
        sealed(
            images=data("images.npy"),
            split=data("split.json"),
            checkpoints=expand(
                "results/{{experiment}}/denoisers/n{{n}}_{subset}_r{{repeat}}.safetensors",
                subset=SUBSETS,
            ),
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
        gpu=gpus,
        mem_mb=growing(4000),
    params:
        settings=section("seed", "denoiser", "evaluation"),
        code=code("evaluate.py", denoiser_module),
    script:
        "../scripts/evaluate.py"
