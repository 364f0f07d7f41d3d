"""Sample networks A and B from the same noise and compare what they draw."""


rule sample:
    input:
        sealed(
            manifest=of(paths.data_file, "manifest.json"),
            checkpoints=of(paths.networks),
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
        gpu=needs(resources.gpus),
        mem_mb=growing(resources.job_memory),
    params:
        settings=section("seed", "denoiser", "sampling"),
        code=code("sample.py", parameters.denoiser_modules),
    script:
        "../scripts/sample.py"


rule compare:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
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
            manifest=of(paths.data_file, "manifest.json"),
            checkpoints=of(paths.largest_networks),
            pairs=of(paths.largest, "tables/pairs/n{largest}_r0.csv"),
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
        gpu=needs(resources.gpus),
        mem_mb=growing(resources.job_memory),
    params:
        settings=section("seed", "denoiser", "sampling"),
        code=code("trajectories.py", parameters.denoiser_modules),
    script:
        "../scripts/trajectories.py"


rule closest_across:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
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
        n=of(parameters.largest_n),
        code=code("closest_across.py"),
    script:
        "../scripts/closest_across.py"
