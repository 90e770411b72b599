using Admission.Jobs.Telemetry;
using Dapper;

namespace Admission.Jobs.Storage;

/// <content>What instruments show.</content>
internal sealed partial class SqlJobStore
{
    private const string CountAll =
        "SELECT backend AS Backend, state AS State, COUNT(*) AS Count, MIN(accepted_at) AS Oldest FROM admission_job WHERE service_id = @service GROUP BY backend, state";

    private JobCensus? _census;

    /// <inheritdoc/>
    public JobCensus? Census => _census;

    private void BeginMeasuring()
    {
        _census = new JobCensus(CountAllAsync, _time, _logger);
        _metrics?.Show(_census);
    }

    private Task<IReadOnlyList<JobCensusRow>> CountAllAsync(CancellationToken cancellation) => _database.ReadOwnAsync<IReadOnlyList<JobCensusRow>>(
        async (connection, token) =>
        {
            var now = await connection.ExecuteScalarAsync<long>(new CommandDefinition($"SELECT {_database.Now}", cancellationToken: token));
            var rows = await connection.QueryAsync<CensusRow>(Command(CountAll, new { service = Service }, null, token));
            return [.. rows.Select(row => new JobCensusRow(row.Backend, (JobState)row.State, row.Count, TimeSpan.FromMilliseconds(Math.Max(0, now - row.Oldest))))];
        },
        cancellation);

    private sealed class CensusRow
    {
        public string Backend { get; init; } = "";

        public int State { get; init; }

        public long Count { get; init; }

        public long Oldest { get; init; }
    }
}
