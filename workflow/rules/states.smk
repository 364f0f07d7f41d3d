"""States of networks that are compared with one another: over N, variants and training."""


def final_states(experiment):
    """Return (experiment, N, stage) of an experiment's networks and of its variants'.

    Only variants trained on the same images count: the others cannot be compared.
    """
    compared = [experiment]
    if experiment == main_of(experiment):
        family = list(family_of(experiment))
        compared += [name for name in family[1:] if data_of(name) == experiment]
    return [(name, n, "") for name in compared for n in EXPERIMENTS[name].sizes]


def studied_states(experiment):
    """Return the final states and those kept along the training on few images."""
    chosen = EXPERIMENTS[experiment]
    times = snapshot_times(chosen.training)[:-1]
    few = chosen.agreement.small_n
    return final_states(experiment) + [(experiment, few, f"_p{time}") for time in times]


def expand_states(pattern, states, repeats):
    """Return ``pattern``, a path below the experiment's folder, for all states and repeats."""
    return [
        f"results/{experiment}/{pattern}".format(n=n, repeat=repeat, stage=stage)
        for experiment, n, stage in states
        for repeat in range(repeats)
    ]


def every_state(pattern):
    """Return an input function: ``pattern`` for every state and repeat that is studied."""
    return lambda wildcards: expand_states(
        pattern, studied_states(wildcards.experiment), settings(wildcards).repeats
    )


def every_final(pattern):
    """Return an input function: ``pattern`` for every fully trained network and repeat."""
    return lambda wildcards: expand_states(
        pattern, final_states(wildcards.experiment), settings(wildcards).repeats
    )


def differ_in_width_only(one, other):
    """Return whether all settings that results depend on are equal but for the width."""
    aside = {"experiment": True, "sizes": True, "targets": True, "variants": True}
    left, right = (chosen.model_dump(exclude=aside) for chosen in (one, other))
    left["denoiser"]["width"] = right["denoiser"]["width"]
    return left == right


def state_records(wildcards):
    """Return what is known of each state of `every_state`, in the same order."""
    own = settings(wildcards)
    return [
        {
            "experiment": experiment,
            "kind": EXPERIMENTS[experiment].denoiser.kind,
            "width": EXPERIMENTS[experiment].denoiser.width,
            "n": n,
            "presentations": int(stage[2:] or EXPERIMENTS[experiment].training.presentations),
            "swept_width": differ_in_width_only(EXPERIMENTS[experiment], own),
        }
        for experiment, n, stage in studied_states(wildcards.experiment)
    ]
