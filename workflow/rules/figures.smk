"""Draw figures from tables and arrays; `snakemake figure_2` draws one."""


rule draw:
    input:
        unpack(figure_inputs),
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
        "results/{experiment}/benchmarks/figures/{figure}.tsv"
    localrule: True
    conda:
        "../envs/gahb.yaml"
    params:
        settings=section("figures"),
        caption=caption,
        code=code("draw.py", lambda wildcards: (f"gahb.figures.{wildcards.figure}",)),
    script:
        "../scripts/draw.py"


for _figure in FIGURES:

    rule:
        name:
            _figure
        input:
            figure_files(_figure),
        localrule: True
