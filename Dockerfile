# One image; docker-compose.yml runs it as migrate, api, worker, relay and beat.
FROM python:3.11-slim

RUN useradd --create-home --uid 10001 minwon && install -d -o minwon /data
WORKDIR /app

# The version of torch is pinned in constraints.txt; pass an index of CPU builds to keep CUDA out.
ARG TORCH_INDEX=""
COPY pyproject.toml constraints.txt README.md ./
COPY services ./services
COPY workers ./workers
COPY models ./models
COPY migrations ./migrations
COPY city ./city
RUN pip install --no-cache-dir -c constraints.txt \
    ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -e .

USER minwon
ENV PYTHONUNBUFFERED=1
EXPOSE 8080
CMD ["uvicorn", "services.web.app:create_app", "--factory", "--host", "0.0.0.0", "--port", "8080", "--workers", "2", "--no-access-log"]
