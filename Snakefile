"""From memorisation to generalisation: the whole workflow. See README.md."""

from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/configuration.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/denoisers.smk"
include: "workflow/rules/samples.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/controls.smk"
include: "workflow/rules/bases.smk"
include: "workflow/rules/restoration.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"


rule all:
    default_target: True
    input:
        rules.claims.input,
        paths.figure_files(PLAN),
    localrule: True
