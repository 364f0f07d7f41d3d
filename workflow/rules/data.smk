"""From a data set's name to disjoint subsets: fetch, prepare, dedup, split.

They come first: what is wrong with the images is said before hours of training.
"""


rule fetch:
    output:
        **with_seals(folder=directory("results/sources/{source}")),
    log:
        "results/sources/{source}.log",
    benchmark:
        "results/sources/{source}.benchmark.tsv"
    priority: 100
    localrule: True
    conda:
        ENVIRONMENT
    params:
        pictures=of(originals.pictures),
        code=code("fetch.py"),
    script:
        "../scripts/fetch.py"


rule prepare:
    input:
        sealed(folder=of(paths.originals)),
    output:
        **with_seals(
            images="results/{experiment}/data/images.npy",
            hashes="results/{experiment}/data/hashes.json",
            manifest="results/{experiment}/data/manifest.json",
        ),
    log:
        "results/{experiment}/logs/prepare.log",
    benchmark:
        "results/{experiment}/benchmarks/prepare.tsv"
    priority: 100
    conda:
        ENVIRONMENT
    threads: needs(resources.decoding_threads)
    resources:
        mem_mb=growing(resources.decoding_memory),
    params:
        data=of(parameters.prepared),
        seed=of(parameters.image_seed),
        code=code("prepare.py"),
    script:
        "../scripts/prepare.py"


rule dedup:
    input:
        sealed(
            images="results/{experiment}/data/images.npy",
            manifest="results/{experiment}/data/manifest.json",
        ),
    output:
        **with_seals(
            kept="results/{experiment}/data/kept.npy",
            dropped="results/{experiment}/data/dropped.csv",
            summary="results/{experiment}/data/dedup.json",
        ),
    log:
        "results/{experiment}/logs/dedup.log",
    benchmark:
        "results/{experiment}/benchmarks/dedup.tsv"
    priority: 100
    conda:
        ENVIRONMENT
    params:
        threshold=of(parameters.dedup_threshold),
        shuffle_seed=of(parameters.shuffle_seed),
        code=code("dedup.py"),
    script:
        "../scripts/dedup.py"


rule split:
    input:
        sealed(
            # Labels, where the split goes by them.
            folder=of(paths.originals),
            kept="results/{experiment}/data/kept.npy",
            hashes="results/{experiment}/data/hashes.json",
            manifest="results/{experiment}/data/manifest.json",
        ),
    output:
        **with_seals(split="results/{experiment}/data/split.json"),
    log:
        "results/{experiment}/logs/split.log",
    benchmark:
        "results/{experiment}/benchmarks/split.tsv"
    priority: 100
    localrule: True
    conda:
        ENVIRONMENT
    params:
        settings=section("seed", "split", data=("source",)),
        code=code("split.py"),
    script:
        "../scripts/split.py"
