"""Summaries over all N, a verdict on every claim, and what all of it depends on."""


rule tables:
    input:
        sealed(
            errors=of(paths.every, "evaluation/n{n}_r{repeat}.npz"),
            gaussian_errors=of(paths.every, "evaluation/gaussian/n{n}_r{repeat}.npz"),
            pairs=of(paths.every, "tables/pairs/n{n}_r{repeat}.csv"),
            held_out=of(paths.every, "tables/held_out/n{n}_r{repeat}.csv"),
            gaussian_pairs=of(paths.every, "tables/gaussian_pairs/n{n}_r{repeat}.csv"),
        ),
    output:
        **with_seals(
            psnr="results/{experiment}/tables/psnr.csv",
            memorisation="results/{experiment}/tables/memorisation.csv",
            transition="results/{experiment}/tables/transition.csv",
            crossing="results/{experiment}/tables/crossing.csv",
        ),
    log:
        "results/{experiment}/logs/tables.log",
    benchmark:
        "results/{experiment}/benchmarks/tables.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        settings=section("seed", "sizes", "repeats", "bootstrap", "evaluation"),
        code=code("tables.py"),
    script:
        "../scripts/tables.py"


rule gap_table:
    input:
        sealed(errors=of(paths.every, "evaluation/n{n}_r{repeat}.npz")),
    output:
        **with_seals(gap="results/{experiment}/tables/gap.csv"),
    log:
        "results/{experiment}/logs/gap_table.log",
    benchmark:
        "results/{experiment}/benchmarks/gap_table.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        settings=section("seed", "sizes", "repeats", "bootstrap", data=("size",)),
        code=code("gap_table.py"),
    script:
        "../scripts/gap_table.py"


rule architecture:
    output:
        **with_seals(table="results/{experiment}/tables/architecture.csv"),
    log:
        "results/{experiment}/logs/architecture.log",
    benchmark:
        "results/{experiment}/benchmarks/architecture.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        settings=section("denoiser", "training", data=("size", "channels")),
        code=code("architecture.py", parameters.denoiser_modules),
    script:
        "../scripts/architecture.py"


rule judge_claims:
    input:
        sealed(of(claims_asked.claim_inputs)),
    output:
        **with_seals(table="results/{experiment}/claims.csv"),
        page="results/{experiment}/claims.md",
    log:
        "results/{experiment}/logs/judge_claims.log",
    benchmark:
        "results/{experiment}/benchmarks/judge_claims.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        groups=of(claims_asked.groups_of),
        asked=of(parameters.asked),
        code=code("claims.py"),
    script:
        "../scripts/claims.py"


rule versions:
    input:
        # Written again when results are judged again.
        sealed(claims="results/{experiment}/claims.csv"),
    output:
        versions="results/{experiment}/versions.json",
    log:
        "results/{experiment}/logs/versions.log",
    benchmark:
        "results/{experiment}/benchmarks/versions.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        settings=of(parameters.reasons),
        code=code("versions.py"),
    script:
        "../scripts/versions.py"


rule claims:
    input:
        expand(
            "results/{experiment}/{file}",
            experiment=PLAN.with_figures,
            file=["claims.csv", "claims.md", "versions.json"],
        ),
        expand(
            "results/{experiment}/tables/{table}.csv",
            experiment=claims_asked.with_transition(PLAN),
            table=["transition", "psnr", "memorisation"],
        ),
    localrule: True
