"""Fits the same forest as models/iris/train/train.py and pickles it: `train.py TRAIN_FOLDER PICKLE`."""

import pickle
import sys

from sklearn.ensemble import RandomForestClassifier

sys.path.insert(0, sys.argv[1])
from dataset import split_rows  # noqa: E402

# As in models/iris/train/train.py. Another forest would show: every answer is compared.
SEED = 1936
TREES = 64

split = split_rows(SEED)
forest = RandomForestClassifier(n_estimators=TREES, random_state=SEED, n_jobs=1)
forest.fit(split.train_x, split.train_y)
with open(sys.argv[2], "wb") as file:
    pickle.dump(forest, file)
