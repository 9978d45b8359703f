import rakelet


def test_the_best_phrase_comes_first():
    found = rakelet.keywords("The build graph keeps the build graph small.", limit=1)
    assert found == [rakelet.Keyword("build graph keeps", 9.0)]


def test_nothing_is_found_in_nothing():
    assert rakelet.keywords(" , . the of") == []
