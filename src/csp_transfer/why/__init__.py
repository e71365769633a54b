"""Why a result is what it is: the questions behind results, asked again with a fact changed."""
