"""The linear, Gaussian and empirical models of each training set, beside the networks."""


rule gaussian:
    input:
        sealed(
            images="results/{experiment}/data/images.npy",
            split="results/{experiment}/data/split.json",
        ),
    output:
        **with_seals(model="results/{experiment}/gaussian/n{n}_{subset}_r{repeat}.npz"),
    log:
        "results/{experiment}/logs/gaussian/n{n}_{subset}_r{repeat}.log",
    benchmark:
        "results/{experiment}/benchmarks/gaussian/n{n}_{subset}_r{repeat}.tsv"
    conda:
        ENVIRONMENT
    resources:
        mem_mb=growing(resources.model_memory),
    params:
        code=code("gaussian.py"),
    script:
        "../scripts/gaussian.py"


rule distil:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
            gaussians=of(paths.gaussian_models),
            checkpoints=of(paths.networks),
        ),
    output:
        **with_seals(maps="results/{experiment}/distilled/n{n}_r{repeat}.npz"),
    log:
        "results/{experiment}/logs/distil/n{n}_r{repeat}.log",
    benchmark:
        "results/{experiment}/benchmarks/distil/n{n}_r{repeat}.tsv"
    conda:
        ENVIRONMENT
    threads: needs(resources.threads)
    resources:
        gpu=needs(resources.gpus),
        mem_mb=growing(resources.model_memory),
    params:
        settings=section(
            "seed",
            "denoiser",
            sampling=("method", "levels", "sigma_start", "sigma_end", "rho"),
            agreement=(
                "images",
                "sigma_min",
                "sigma_max",
                "levels",
                "distil_draws",
                "ridge",
                "folds",
            ),
        ),
        code=code("distil.py", parameters.denoiser_modules),
    script:
        "../scripts/distil.py"


rule agree:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
            gaussians=of(paths.gaussian_models),
            references=of(paths.reference_gaussians),
            maps=of(paths.linear_models),
            checkpoints=of(paths.networks),
            fixed=of(paths.fixed_networks),
        ),
    output:
        **with_seals(agreement="results/{experiment}/agreement/n{n}_r{repeat}{stage}.npz"),
    log:
        "results/{experiment}/logs/agree/n{n}_r{repeat}{stage}.log",
    benchmark:
        "results/{experiment}/benchmarks/agree/n{n}_r{repeat}{stage}.tsv"
    conda:
        ENVIRONMENT
    threads: needs(resources.threads)
    resources:
        gpu=needs(resources.gpus),
        mem_mb=growing(resources.model_memory),
    params:
        settings=section(
            "seed", "denoiser", agreement=("images", "sigma_min", "sigma_max", "levels")
        ),
        code=code("agree.py", parameters.denoiser_modules),
    script:
        "../scripts/agree.py"


rule sample_models:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
            gaussians=of(paths.gaussian_models),
            maps="results/{experiment}/distilled/n{n}_r{repeat}.npz",
        ),
    output:
        **with_seals(samples="results/{experiment}/samples/models/n{n}_r{repeat}.npz"),
    log:
        "results/{experiment}/logs/sample_models/n{n}_r{repeat}.log",
    benchmark:
        "results/{experiment}/benchmarks/sample_models/n{n}_r{repeat}.tsv"
    conda:
        ENVIRONMENT
    threads: needs(resources.threads)
    resources:
        gpu=needs(resources.gpus),
        mem_mb=growing(resources.model_memory),
    params:
        settings=section("seed", "sampling"),
        code=code("sample_models.py"),
    script:
        "../scripts/sample_models.py"


rule compare_models:
    input:
        sealed(
            networks="results/{experiment}/samples/n{n}_r{repeat}{stage}.npz",
            models="results/{experiment}/samples/models/n{n}_r{repeat}.npz",
        ),
    output:
        **with_seals(table="results/{experiment}/tables/models/n{n}_r{repeat}{stage}.csv"),
    log:
        "results/{experiment}/logs/compare_models/n{n}_r{repeat}{stage}.log",
    benchmark:
        "results/{experiment}/benchmarks/compare_models/n{n}_r{repeat}{stage}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        code=code("compare_models.py"),
    script:
        "../scripts/compare_models.py"


rule singular_vectors:
    input:
        sealed(
            images=of(paths.data_file, "images.npy"),
            split=of(paths.data_file, "split.json"),
            gaussians=of(paths.gaussian_models),
            checkpoints=of(paths.networks),
        ),
    output:
        **with_seals(vectors="results/{experiment}/jacobian/n{n}_r{repeat}.npz"),
    log:
        "results/{experiment}/logs/singular_vectors/n{n}_r{repeat}.log",
    benchmark:
        "results/{experiment}/benchmarks/singular_vectors/n{n}_r{repeat}.tsv"
    conda:
        ENVIRONMENT
    threads: needs(resources.threads)
    resources:
        gpu=needs(resources.gpus),
        mem_mb=growing(resources.model_memory),
    params:
        settings=section(
            "seed",
            "denoiser",
            agreement=("images", "jacobian_images", "jacobian_sigmas", "jacobian_modes"),
        ),
        code=code("singular_vectors.py", parameters.denoiser_modules),
    script:
        "../scripts/singular_vectors.py"


rule agreement_tables:
    input:
        sealed(
            agreement=of(paths.every_state, "agreement/n{n}_r{repeat}{stage}.npz"),
            pairs=of(paths.every_state, "tables/pairs/n{n}_r{repeat}{stage}.csv"),
            maps=of(paths.every_final, "distilled/n{n}_r{repeat}.npz"),
            models=of(paths.every_state, "tables/models/n{n}_r{repeat}{stage}.csv"),
            vectors=of(paths.every, "jacobian/n{n}_r{repeat}.npz"),
            held_out=of(paths.every_held_out),
        ),
    output:
        **with_seals(
            by_sigma="results/{experiment}/tables/agreement.csv",
            overall="results/{experiment}/tables/agreement_overall.csv",
            samples="results/{experiment}/tables/model_samples.csv",
            times="results/{experiment}/tables/training_times.csv",
            jacobian="results/{experiment}/tables/jacobian.csv",
        ),
    log:
        "results/{experiment}/logs/agreement_tables.log",
    benchmark:
        "results/{experiment}/benchmarks/agreement_tables.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        states=of(states.state_records),
        settings=section("seed", "bootstrap", "repeats", "denoiser", agreement=("small_n",)),
        code=code("agreement_tables.py"),
    script:
        "../scripts/agreement_tables.py"
