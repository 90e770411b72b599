namespace Admission.Jobs.Storage;

/// <summary>The tables in SQLite; <c>src/Silo/Sql</c> has the same for PostgreSQL (006, 007).</summary>
internal static class SqliteSchema
{
    /// <summary>The version that <c>PRAGMA user_version</c> has with these tables.</summary>
    public const long Version = 2;

    /// <summary>What makes each version out of the one before it: the first of version 1 a version 2.</summary>
    public static IReadOnlyList<string> Upgrades { get; } = ["ALTER TABLE admission_job ADD COLUMN unsent_fence INTEGER;"];

    public const string Create =
        """
        CREATE TABLE admission_job
        (
            seq             INTEGER PRIMARY KEY AUTOINCREMENT,
            service_id      TEXT    NOT NULL,
            id              TEXT    NOT NULL UNIQUE,
            backend         TEXT    NOT NULL,
            tenant          TEXT    NOT NULL,
            owner           TEXT,
            state           INTEGER NOT NULL,
            request         BLOB    NOT NULL,
            body            BLOB,
            size            INTEGER NOT NULL,
            idempotency_key TEXT,
            fingerprint     BLOB    NOT NULL,
            callback        TEXT,
            callback_at     INTEGER,
            callback_tries  INTEGER NOT NULL DEFAULT 0,
            accepted_at     INTEGER NOT NULL,
            due_at          INTEGER NOT NULL,
            expires_at      INTEGER NOT NULL,
            fence           INTEGER NOT NULL DEFAULT 0,
            unsent_fence    INTEGER,
            claimed_by      TEXT,
            claimed_until   INTEGER,
            attempts        INTEGER NOT NULL DEFAULT 0,
            history         TEXT    NOT NULL DEFAULT '',
            finished_at     INTEGER,
            result_status   INTEGER,
            result_headers  BLOB,
            result_body     BLOB
        );
        CREATE INDEX admission_job_queue ON admission_job (service_id, backend, tenant, seq) WHERE state = 1;
        CREATE INDEX admission_job_load ON admission_job (service_id, backend, state, size);
        CREATE INDEX admission_job_due ON admission_job (due_at) WHERE state = 2;
        CREATE INDEX admission_job_claims ON admission_job (claimed_until) WHERE state = 3;
        CREATE INDEX admission_job_expiry ON admission_job (expires_at);
        CREATE INDEX admission_job_finished ON admission_job (service_id, backend, finished_at) WHERE finished_at IS NOT NULL;
        CREATE INDEX admission_job_callbacks ON admission_job (callback_at) WHERE callback_at IS NOT NULL;
        CREATE UNIQUE INDEX admission_job_key ON admission_job (service_id, backend, tenant, idempotency_key) WHERE idempotency_key IS NOT NULL;
        """;
}
