namespace Admission.Jobs.Storage;

/// <summary>The statements, in the SQL that SQLite and PostgreSQL share.</summary>
/// <remarks>
/// Every change of a job's state names the state that it must be in, and every record of a claim its fencing number, so that two who do the same at once do it once.
/// The numbers are those of <see cref="JobState"/>.
/// </remarks>
internal sealed class JobSql(JobDatabase database)
{
    /// <summary>Jobs that one statement deletes.</summary>
    public const int MostDeleted = 2000;

    private const string Columns =
        "seq AS Seq, id AS Id, backend AS Backend, tenant AS Tenant, owner AS Owner, state AS State, attempts AS Attempts, history AS History, "
        + "accepted_at AS AcceptedAt, due_at AS DueAt, expires_at AS ExpiresAt, finished_at AS FinishedAt, result_status AS ResultStatus";

    public string Insert { get; } =
        $"""
        INSERT INTO admission_job
            (service_id, id, backend, tenant, owner, state, request, body, size, idempotency_key, fingerprint, callback, accepted_at, due_at, expires_at)
        VALUES
            (@service, @id, @backend, @tenant, @owner, 1, @request, @body, @size, @key, @fingerprint, @callback, {database.Now}, {database.Now}, {database.Now} + @ttl)
        ON CONFLICT DO NOTHING
        """;

    public string FindKey { get; } =
        "SELECT id AS Id, fingerprint AS Fingerprint FROM admission_job "
        + "WHERE service_id = @service AND backend = @backend AND tenant = @tenant AND idempotency_key = @key";

    /// <summary>What is stored for a backend.</summary>
    public string Load { get; } =
        "SELECT COALESCE(SUM(CASE WHEN state IN (1, 2, 3) THEN 1 ELSE 0 END), 0) AS Jobs, COALESCE(SUM(CASE WHEN state IN (1, 2, 3) THEN 0 ELSE 1 END), 0) AS Finished, "
        + "COALESCE(SUM(size), 0) AS Bytes "
        + "FROM admission_job WHERE service_id = @service AND backend = @backend";

    /// <summary>The next tenant that has a job in the queue.</summary>
    public string NextTenant { get; } =
        "SELECT tenant FROM admission_job WHERE service_id = @service AND backend = @backend AND state = 1 AND tenant >= @from ORDER BY tenant LIMIT 1";

    public string Claim { get; } =
        $"""
        UPDATE admission_job SET state = 3, fence = fence + 1, unsent_fence = fence + 1, claimed_by = @owner, claimed_until = {database.ClaimNow} + @ttl
        WHERE seq {database.IsAmongLocked(
            "SELECT seq FROM admission_job WHERE service_id = @service AND backend = @backend AND state = 1 AND tenant = @tenant ORDER BY seq LIMIT @most")}
          AND state = 1
        RETURNING seq AS Seq, id AS Id, fence AS Fence, attempts AS Attempts, request AS Request, body AS Body, callback AS Callback, expires_at - {database.Now} AS TimeLeft
        """;

    /// <summary>Whether the request is in the backend, by this claim.</summary>
    public string Mark { get; } =
        $"""
        UPDATE admission_job SET unsent_fence = CASE WHEN @sent = 1 THEN NULL ELSE fence END, claimed_until = {database.ClaimNow} + @ttl
        WHERE id = @id AND state = 3 AND fence = @fence
        """;

    public string Renew { get; } = $"UPDATE admission_job SET claimed_until = {database.ClaimNow} + @ttl WHERE id = @id AND state = 3 AND fence = @fence";

    /// <summary>A job that has its result needs its request no more; a dead letter may be tried again.</summary>
    public string Finish { get; } =
        $"""
        UPDATE admission_job
        SET state = @state, attempts = attempts + @tried, history = history || @line,
            result_status = @status, result_headers = @headers, result_body = @body,
            request = CASE WHEN @state = 4 THEN {database.Empty} ELSE request END, body = CASE WHEN @state = 4 THEN NULL ELSE body END,
            size = size + @added - CASE WHEN @state = 4 THEN {RequestBytes(database)} ELSE 0 END,
            claimed_by = NULL, claimed_until = NULL, finished_at = {database.Now}, expires_at = {database.Now} + @lasts, {CallbackDue(database)}
        WHERE id = @id AND state = 3 AND fence = @fence
        """;

    /// <summary>A failed attempt, or a claim that is given back.</summary>
    public string PutBack { get; } =
        $"""
        UPDATE admission_job
        SET state = @state, attempts = attempts + @tried, history = history || @line, size = size + @added, claimed_by = NULL, claimed_until = NULL,
            due_at = {database.Now} + @lasts
        WHERE id = @id AND state = 3 AND fence = @fence
        """;

    /// <summary>Whether this very claim has recorded something final before: the answer to the first try was lost.</summary>
    public string WasFinished { get; } = "SELECT COUNT(*) FROM admission_job WHERE id = @id AND fence = @fence AND state = @state";

    public string Find { get; } = $"SELECT {Columns}, {database.Now} AS Now FROM admission_job WHERE id = @id AND service_id = @service";

    public string Result { get; } =
        "SELECT result_status AS Status, result_headers AS Headers, result_body AS Body FROM admission_job "
        + "WHERE id = @id AND service_id = @service AND result_status IS NOT NULL";

    /// <summary>Tenants take turns, so a job in its tenant's place n comes after at most n + 1 of each other tenant.</summary>
    public string Ahead { get; } =
        """
        SELECT COALESCE(SUM(CASE WHEN jobs < @turns THEN jobs ELSE @turns END), 0) FROM (
            SELECT COUNT(*) AS jobs FROM admission_job
            WHERE service_id = @service AND backend = @backend AND state = 1 AND tenant <> @tenant GROUP BY tenant) AS others
        """;

    public string AheadOfTenant { get; } =
        "SELECT COUNT(*) FROM admission_job WHERE service_id = @service AND backend = @backend AND state = 1 AND tenant = @tenant AND seq < @seq";

    public string FinishedLately { get; } =
        $"SELECT COUNT(*) FROM admission_job WHERE service_id = @service AND backend = @backend AND finished_at > {database.Now} - 60000";

    public string Cancel { get; } =
        $"""
        UPDATE admission_job
        SET state = 6, claimed_by = NULL, claimed_until = NULL, finished_at = {database.Now}, expires_at = {database.Now} + @keep,
            request = {database.Empty}, body = NULL, size = size - {RequestBytes(database)}
        WHERE id = @id AND service_id = @service AND state IN (1, 2, 3)
        RETURNING backend
        """;

    public string Retry { get; } =
        $"""
        UPDATE admission_job
        SET state = 1, attempts = 0, size = size - {database.Bytes("result_headers")} - {database.Bytes("result_body")}, result_status = NULL, result_headers = NULL, result_body = NULL,
            finished_at = NULL, callback_at = NULL, callback_tries = 0, due_at = {database.Now}, expires_at = {database.Now} + @ttl
        WHERE id = @id AND service_id = @service AND state = 5
        RETURNING backend
        """;

    // What others have locked is being renewed, recorded or tended by them: it is passed over, so nobody waits here for somebody who waits for him.
    public string QueueDue { get; } =
        $"UPDATE admission_job SET state = 1 WHERE {Found(database, $"state = 2 AND due_at <= {database.Now}")} RETURNING backend";

    public string QueueLapsed { get; } = $"{Requeue} WHERE {Found(database, $"state = 3 AND claimed_until < {database.ClaimNow}")} RETURNING backend";

    /// <summary>A restart finds the claims of the process before it: the file has one process at a time.</summary>
    public string QueueOrphans { get; } = $"{Requeue} WHERE service_id = @service AND state = 3";

    public string Expire { get; } =
        $"""
        UPDATE admission_job
        SET state = 5, history = history || @line, size = size + @added, result_status = 504, result_headers = @headers, result_body = @body, finished_at = {database.Now}, expires_at = {database.Now} + @keep, {CallbackDue(database)}
        WHERE {Found(database, $"state IN (1, 2) AND expires_at < {database.Now}")}
        RETURNING id, backend
        """;

    public string Delete { get; } =
        $"""
        DELETE FROM admission_job
        WHERE seq {database.IsAmongLocked(
            $"""
            SELECT seq FROM admission_job
            WHERE service_id = @service AND state IN (4, 5, 6) AND expires_at < {database.Now} AND (callback_at IS NULL OR expires_at < {database.Now} - @patience)
            LIMIT {MostDeleted}
            """)}
        """;

    /// <summary>Who has been told, or will not be, finds the result for some time yet.</summary>
    public string EndCallback { get; } =
        $"""
        UPDATE admission_job
        SET callback_at = NULL, expires_at = CASE WHEN expires_at < {database.Now} + @keep THEN {database.Now} + @keep ELSE expires_at END
        WHERE id = @id AND callback_tries = @tries
        """;

    public string PostponeCallback { get; } = $"UPDATE admission_job SET callback_at = {database.Now} + @again WHERE id = @id AND callback_tries = @tries";

    /// <summary>Takes up callbacks that are due.</summary>
    /// <param name="busy">How many beginnings of addresses are left out, <c>@busy0</c> and so on.</param>
    public string ClaimCallbacks(int busy)
    {
        var others = string.Concat(Enumerable.Range(0, busy).Select(i => $" AND substr(callback, 1, length(@busy{i})) <> @busy{i}"));
        return $"""
            UPDATE admission_job SET callback_tries = callback_tries + 1, callback_at = {database.Now} + @ttl
            WHERE seq {database.IsAmongLocked(
                $"SELECT seq FROM admission_job WHERE service_id = @service AND callback_at <= {database.Now}{others} ORDER BY callback_at LIMIT @most")}
            RETURNING id AS Id, backend AS Backend, state AS State, callback AS Url, callback_tries AS Tries, result_status AS Status, finished_at AS FinishedAt
            """;
    }

    public string List(JobFilter filter) =>
        $"SELECT {Columns}, {database.Now} AS Now FROM admission_job WHERE service_id = @service"
        + (filter.Backend is null ? "" : " AND backend = @backend")
        + (filter.State is null ? "" : " AND state = @state")
        + (filter.Tenant is null ? "" : " AND tenant = @tenant")
        + (filter.Before is null ? "" : " AND seq < @before")
        + " ORDER BY seq DESC LIMIT @most";

    /// <summary>A claim whose gateway is gone. It may have been killed by this very job, so it counts as an attempt if the request was sent, or may have been.</summary>
    private static string Requeue { get; } =
        $"""
        UPDATE admission_job
        SET state = 1, claimed_by = NULL, claimed_until = NULL,
            attempts = attempts + CASE WHEN {WasNotSent} THEN 0 ELSE 1 END,
            history = history || CASE WHEN {WasNotSent} THEN '' ELSE @line END,
            size = size + CASE WHEN {WasNotSent} THEN 0 ELSE @added END
        """;

    private static string Found(JobDatabase database, string condition) =>
        "seq " + database.IsAmongLocked($"SELECT seq FROM admission_job WHERE service_id = @service AND {condition} ORDER BY id");

    private const string WasNotSent = "COALESCE(unsent_fence, 0) = fence";

    private static string RequestBytes(JobDatabase database) => $"({database.Bytes("request")} + {database.Bytes("body")})";

    private static string CallbackDue(JobDatabase database) => $"callback_at = CASE WHEN callback IS NULL THEN NULL ELSE {database.Now} END";
}
