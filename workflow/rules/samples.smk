"""Sample networks A and B from the same noise and compare what they draw."""


rule sample:
    input:
        sealed(
            manifest=data("manifest.json"),
            checkpoints=expand(
                "results/{{experiment}}/denoisers/n{{n}}_{subset}_r{{repeat}}.safetensors",
                subset=SUBSETS,
            ),
        ),
    output:
        **with_seals(samples="results/{experiment}/samples/n{n}_r{repeat}{stage}.npz"),
    log:
        "results/{experiment}/logs/sample/n{n}_r{repeat}{stage}.log",
    benchmark:
        "results/{experiment}/benchmarks/sample/n{n}_r{repeat}{stage}.tsv"
    conda:
        ENVIRONMENT
    resources:
        gpu=gpus,
        mem_mb=growing(4000),
    params:
        settings=section("seed", "denoiser", "sampling"),
        code=code("sample.py", denoiser_module),
    script:
        "../scripts/sample.py"


rule compare:
    input:
        sealed(
            images=data("images.npy"),
            split=data("split.json"),
            samples="results/{experiment}/samples/n{n}_r{repeat}{stage}.npz",
        ),
    output:
        **with_seals(pairs="results/{experiment}/tables/pairs/n{n}_r{repeat}{stage}.csv"),
    log:
        "results/{experiment}/logs/compare/n{n}_r{repeat}{stage}.log",
    benchmark:
        "results/{experiment}/benchmarks/compare/n{n}_r{repeat}{stage}.tsv"
    conda:
        ENVIRONMENT
    params:
        code=code("compare.py"),
    script:
        "../scripts/compare.py"


rule trajectories:
    input:
        sealed(
            manifest=data("manifest.json"),
            checkpoints=lambda wildcards: expand(
                "results/{experiment}/denoisers/n{n}_{subset}_r0.safetensors",
                experiment=wildcards.experiment,
                n=largest(wildcards),
                subset=SUBSETS,
            ),
            pairs=lambda wildcards: (
                f"results/{wildcards.experiment}/tables/pairs/n{largest(wildcards)}_r0.csv"
            ),
        ),
    output:
        **with_seals(trajectories="results/{experiment}/samples/trajectories.npz"),
    log:
        "results/{experiment}/logs/trajectories.log",
    benchmark:
        "results/{experiment}/benchmarks/trajectories.tsv"
    conda:
        ENVIRONMENT
    resources:
        gpu=gpus,
        mem_mb=growing(4000),
    params:
        settings=section("seed", "denoiser", "sampling"),
        code=code("trajectories.py", denoiser_module),
    script:
        "../scripts/trajectories.py"


rule closest_across:
    input:
        sealed(
            images=data("images.npy"),
            split=data("split.json"),
        ),
    output:
        **with_seals(closest="results/{experiment}/tables/closest_across.csv"),
    log:
        "results/{experiment}/logs/closest_across.log",
    benchmark:
        "results/{experiment}/benchmarks/closest_across.tsv"
    conda:
        ENVIRONMENT
    params:
        n=largest,
        code=code("closest_across.py"),
    script:
        "../scripts/closest_across.py"
