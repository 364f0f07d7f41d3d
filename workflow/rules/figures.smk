"""Draw figures from tables and arrays; `snakemake figure_2` draws one."""


rule draw:
    input:
        sealed(of(paths.figure_inputs)),
    output:
        png=report(
            "results/{experiment}/figures/{figure}.png",
            caption="../report/figure.rst",
            category="{experiment}",
        ),
        pdf="results/{experiment}/figures/{figure}.pdf",
    log:
        "results/{experiment}/logs/draw/{figure}.log",
    benchmark:
        "results/{experiment}/benchmarks/draw/{figure}.tsv"
    localrule: True
    conda:
        ENVIRONMENT
    params:
        figure=of(parameters.figure),
        caption=of(parameters.caption),
        code=code("draw.py", parameters.figure_modules),
    script:
        "../scripts/draw.py"


for _figure in FIGURES:

    rule:
        name:
            _figure
        input:
            of(paths.one_figure, _figure),
        localrule: True
