"""Fits the same vectorizer and naive Bayes as models/text/train/train.py and pickles them: `train_text.py TRAIN_FOLDER PICKLE`."""

import pickle
import sys

from sklearn.naive_bayes import MultinomialNB

sys.path.insert(0, sys.argv[1])
import shared_path  # noqa: E402, F401
from dataset import write_letters  # noqa: E402
from vectorizer import fit_vectorizer  # noqa: E402

# As in models/text/train/train.py. Another model would show: every answer is compared.
SEED = 1755
LETTERS_PER_TOPIC = 1500
SMOOTHING = 1.0

learning = write_letters("learning", SEED, LETTERS_PER_TOPIC)
vectorizer = fit_vectorizer(learning.texts, learning.labels)
bayes = MultinomialNB(alpha=SMOOTHING).fit(vectorizer.transform(learning.texts), learning.labels)
with open(sys.argv[2], "wb") as file:
    pickle.dump((vectorizer, bayes), file)
