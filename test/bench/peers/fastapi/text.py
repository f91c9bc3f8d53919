"""What the tutorials lead to in Python: FastAPI, pydantic, scikit-learn's vectorizer and naive Bayes from a pickle."""

import json
import os
import pickle
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

LABELS = json.loads((Path(os.environ["MODEL_DIR"]) / "labels.json").read_text())

with open(os.environ["MODEL_FILE"], "rb") as file:
    vectorizer, bayes = pickle.load(file)

app = FastAPI()


class Letter(BaseModel):
    """One letter."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(max_length=1_000_000)


class Letters(BaseModel):
    """Many of them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    instances: list[Letter] = Field(min_length=1)


@app.post("/predict")
async def predict(question: Letter | Letters) -> dict:
    if isinstance(question, Letter):
        return topics([question.text])[0]
    return {"predictions": topics([each.text for each in question.instances])}


def topics(texts: list[str]) -> list[dict]:
    """Of each letter the most probable topic, and the probability of all."""
    return [topic(row.tolist()) for row in bayes.predict_proba(vectorizer.transform(texts))]


def topic(scores: list[float]) -> dict:
    confidence = max(scores)
    return {
        "prediction": LABELS[scores.index(confidence)],
        "confidence": confidence,
        "probabilities": dict(zip(LABELS, scores)),
    }


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
