-- Deferred jobs: docs/jobs.md. Times are milliseconds since 1970 by the database's clock; the states are those of src/Jobs/JobState.cs.
CREATE TABLE admission_job
(
    seq             bigint       NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service_id      varchar(150) NOT NULL,
    id              varchar(32)  NOT NULL UNIQUE,
    backend         varchar(150) NOT NULL,
    tenant          varchar(200) COLLATE "C" NOT NULL, -- empty for none
    owner           text,                              -- who may see it besides knowing its id
    state           smallint     NOT NULL,
    request         bytea        NOT NULL,             -- all but the body, JSON
    body            bytea,
    size            bigint       NOT NULL,             -- bytes that count against the backend's bound
    idempotency_key text,                              -- the client's own
    fingerprint     bytea        NOT NULL,
    callback        text,                              -- whom to tell that it is finished
    callback_at     bigint,                            -- when that is due; null for not
    callback_tries  integer      NOT NULL DEFAULT 0,
    accepted_at     bigint       NOT NULL,
    due_at          bigint       NOT NULL,
    expires_at      bigint       NOT NULL,             -- unfinished: it becomes a dead letter; finished: it is deleted
    fence           bigint       NOT NULL DEFAULT 0,   -- grows with each claim
    claimed_by      text,
    claimed_until   bigint,
    attempts        integer      NOT NULL DEFAULT 0,
    history         text         NOT NULL DEFAULT '',  -- a line of JSON for each attempt
    finished_at     bigint,
    result_status   integer,
    result_headers  bytea,
    result_body     bytea
);

CREATE INDEX admission_job_queue ON admission_job (service_id, backend, tenant, seq) WHERE state = 1;
CREATE INDEX admission_job_load ON admission_job (service_id, backend, state, size);
CREATE INDEX admission_job_due ON admission_job (due_at) WHERE state = 2;
CREATE INDEX admission_job_claims ON admission_job (claimed_until) WHERE state = 3;
CREATE INDEX admission_job_expiry ON admission_job (expires_at);
CREATE INDEX admission_job_finished ON admission_job (service_id, backend, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX admission_job_callbacks ON admission_job (callback_at) WHERE callback_at IS NOT NULL;
CREATE UNIQUE INDEX admission_job_key ON admission_job (service_id, backend, tenant, idempotency_key) WHERE idempotency_key IS NOT NULL;
