# syntax=docker/dockerfile:1
# The app in a container: docker build -t gru-explorer . && docker run --rm -p 8501:8501 gru-explorer
# docs/deployment.md says what it needs, what it may not do, and how several of them share the visitors.

FROM python:3.11-slim-bookworm AS packages

# PyTorch's CPU build, which is a tenth of the CUDA one. For a CUDA device: --build-arg TORCH_INDEX=
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH

# Only what is pinned: a change of the project's own code, the last line of the file, installs nothing again.
WORKDIR /tmp
COPY requirements.txt .
RUN grep -v '^-e' requirements.txt > pinned.txt \
    && pip install --no-cache-dir ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -r pinned.txt


FROM python:3.11-slim-bookworm

# Hugging Face runs a container as user 1000, and nothing here needs more.
RUN useradd --uid 1000 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin visitor

COPY --from=packages /opt/venv /opt/venv

# What is written goes to /tmp: the root file system may be read-only, with a tmpfs there.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    XDG_CACHE_HOME=/tmp/cache \
    NUMBA_CACHE_DIR=/tmp/cache/numba \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_HEADLESS=true

WORKDIR /app
COPY assets/data assets/data
COPY assets/models assets/models
COPY .streamlit .streamlit
COPY app.py ./
COPY gru_viz gru_viz
RUN python -m compileall -q app.py gru_viz

USER 1000
EXPOSE 8501

HEALTHCHECK --interval=10s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-I", "-S", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['STREAMLIT_SERVER_PORT'] + '/_stcore/health', timeout=8)"]

CMD ["python", "-m", "streamlit", "run", "app.py"]
