"""Draw figures from tables and arrays; `snakemake figure_2` draws one."""


rule draw:
    input:
        sealed(figure_inputs),
    output:
        png=report(
            "results/{experiment}/figures/{figure}.png",
            caption="../report/figure.rst",
            category="{experiment}",
        ),
        pdf="results/{experiment}/figures/{figure}.pdf",
    log:
        "results/{experiment}/logs/figures/{figure}.log",
    benchmark:
        "results/{experiment}/benchmarks/draw/{figure}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        settings=section("figures"),
        drawn_as=lambda wildcards: drawn_as(wildcards.figure),
        caption=caption,
        code=code("draw.py", lambda wildcards: (f"gahb.figures.{drawn_as(wildcards.figure)}",)),
    script:
        "../scripts/draw.py"


for _figure in ALL_FIGURES:

    rule:
        name:
            _figure
        input:
            one_figure(_figure),
        localrule: True
