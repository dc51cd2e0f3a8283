"""model_tests: models that spin looks through, sound and weakened."""

def model_tests(models):
    """NAME_test, and NAME_WEAKENING_test for each weakening.

    models: the weakenings of NAME.pml, by NAME.
    """
    for model, weakenings in models.items():
        _model_test(model, model, "")
        for weakening in weakenings:
            _model_test(model + "_" + weakening.lower(), model, weakening)

def _model_test(name, model, weakening):
    native.sh_test(
        name = name + "_test",
        size = "small",
        srcs = ["spin.sh"],
        args = ["$(location :%s.pml)" % model] +
               ([weakening] if weakening else []),
        data = [model + ".pml"],
        # Says the same in every configuration: once is enough.
        tags = ["no-sanitizers"],
    )
