"""Controls: Gaussian models and held-out images where networks and samples stand."""


rule gaussian_controls:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
            gaussians=of(paths.gaussian_models),
        ),
    output:
        **with_seals(
            errors="results/{experiment}/evaluation/gaussian/n{n}_r{repeat}.npz",
            samples="results/{experiment}/samples/gaussian/n{n}_r{repeat}.npz",
        ),
    log:
        "results/{experiment}/logs/gaussian_controls/n{n}_r{repeat}.log",
    benchmark:
        "results/{experiment}/benchmarks/gaussian_controls/n{n}_r{repeat}.tsv"
    conda:
        ENVIRONMENT
    resources:
        gpu=needs(resources.gpus),
        mem_mb=growing(resources.model_memory),
    params:
        settings=section("seed", "evaluation", "sampling"),
        code=code("gaussian_controls.py"),
    script:
        "../scripts/gaussian_controls.py"


rule compare_controls:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
            samples="results/{experiment}/samples/n{n}_r{repeat}.npz",
            gaussians="results/{experiment}/samples/gaussian/n{n}_r{repeat}.npz",
        ),
    output:
        **with_seals(
            held_out="results/{experiment}/tables/held_out/n{n}_r{repeat}.csv",
            gaussian_pairs="results/{experiment}/tables/gaussian_pairs/n{n}_r{repeat}.csv",
            contrast="results/{experiment}/tables/contrast/n{n}_r{repeat}.csv",
            variance="results/{experiment}/tables/variance/n{n}_r{repeat}.csv",
        ),
    log:
        "results/{experiment}/logs/compare_controls/n{n}_r{repeat}.log",
    benchmark:
        "results/{experiment}/benchmarks/compare_controls/n{n}_r{repeat}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=growing(resources.model_memory),
    params:
        settings=section("seed", "bootstrap"),
        code=code("compare_controls.py"),
    script:
        "../scripts/compare_controls.py"
