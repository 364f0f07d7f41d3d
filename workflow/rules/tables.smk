"""Summaries over all N, a verdict on every claim, and what all of it depends on."""

# Settings for whose sake nothing is computed again.
NO_REASON = {"runtime", "figures", "presets"}


rule tables:
    input:
        sealed(
            errors=every("results/{experiment}/evaluation/n{n}_r{repeat}.npz"),
            pairs=every("results/{experiment}/tables/pairs/n{n}_r{repeat}.csv"),
        ),
    output:
        **with_seals(
            psnr="results/{experiment}/tables/psnr.csv",
            memorisation="results/{experiment}/tables/memorisation.csv",
            transition="results/{experiment}/tables/transition.csv",
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
        sealed(errors=every("results/{experiment}/evaluation/n{n}_r{repeat}.npz")),
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
        code=code("architecture.py", denoiser_module),
    script:
        "../scripts/architecture.py"


rule judge_claims:
    input:
        sealed(claim_inputs),
    output:
        **with_seals(table="results/{experiment}/claims.csv"),
        page="results/{experiment}/claims.md",
    log:
        "results/{experiment}/logs/claims.log",
    benchmark:
        "results/{experiment}/benchmarks/judge_claims.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        states=state_records,
        bases=base_records,
        resolutions=resolution_records,
        sources=lambda wildcards: {
            figure: source_of(settings(wildcards).targets, figure)
            for figure in ("figure_1", "figure_2")
        },
        settings=section(
            "seed",
            "sizes",
            "repeats",
            "bootstrap",
            "denoiser",
            "evaluation",
            "training",
            "agreement",
        ),
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
        settings=lambda wildcards: settings(wildcards).model_dump(exclude=NO_REASON),
        code=code("versions.py"),
    script:
        "../scripts/versions.py"


rule claims:
    input:
        expand("results/{experiment}/claims.{type}", experiment=WITH_FIGURES, type=["csv", "md"]),
        expand("results/{experiment}/versions.json", experiment=WITH_FIGURES),
        expand(
            "results/{experiment}/tables/{table}.csv",
            experiment=[
                name
                for name in WITH_FIGURES
                if shows(EXPERIMENTS[name].targets, "figure_1")
                and shows(EXPERIMENTS[name].targets, "figure_2")
            ],
            table=["transition", "psnr", "memorisation"],
        ),
    localrule: True
