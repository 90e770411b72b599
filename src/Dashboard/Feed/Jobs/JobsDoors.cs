using Admission.Grains.Cluster;
using Admission.Jobs;
using Admission.Jobs.Running;
using Admission.Jobs.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Admission.Dashboard.Feed.Jobs;

/// <summary>The jobs of a gateway, which opens its store when a backend has jobs.</summary>
internal sealed class GatewayJobs(JobService jobs) : IJobsDoor
{
    /// <inheritdoc/>
    public ValueTask<(IJobStore? Store, bool IsOn, string? Problem)> OpenAsync(CancellationToken cancellation) => new(
        jobs.IsOpen ? (jobs.Store, true, null)
        : jobs.HasPolicies ? (null, true, "The jobs' store is not open yet. The log says why, and it is tried again.")
        : (null, false, "No backend has jobs: none defers requests."));

    /// <inheritdoc/>
    public JobPolicy? PolicyOf(string backend) => jobs.PolicyOf(backend);
}

/// <summary>The jobs in the cluster's database, of a process that neither takes nor runs any: opened when somebody first looks, with few connections.</summary>
internal sealed class DatabaseJobs(ClusterSettings settings, TimeProvider time, ILoggerFactory loggers) : IJobsDoor, IAsyncDisposable
{
    /// <summary>PostgreSQL has 100 for everybody.</summary>
    private const int MostConnections = 6;

    private readonly SemaphoreSlim _gate = new(1);
    private SqlJobStore? _store;

    /// <inheritdoc/>
    public async ValueTask<(IJobStore? Store, bool IsOn, string? Problem)> OpenAsync(CancellationToken cancellation)
    {
        if (_store is { } open)
        {
            return (open, true, null);
        }

        await _gate.WaitAsync(cancellation);
        try
        {
            return (_store ??= await OpenNewAsync(cancellation), true, null);
        }
        catch (Exception failed) when (JobStoreFailure.Is(failed) || failed is InvalidOperationException)
        {
            return (null, true, $"The jobs in the cluster's database cannot be read: {failed.Message}");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Only gateways know it.</summary>
    public JobPolicy? PolicyOf(string backend) => null;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _store?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<SqlJobStore> OpenNewAsync(CancellationToken cancellation)
    {
        var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { ApplicationName = "Admission dashboard" };
        connection.MaxPoolSize = Math.Min(connection.MaxPoolSize, MostConnections);
        var store = new SqlJobStore(new PostgresJobDatabase(connection.ConnectionString, settings.ServiceId, time), time, loggers.CreateLogger<SqlJobStore>());
        try
        {
            await store.OpenAsync(cancellation);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }
}

/// <summary>A process that has no jobs.</summary>
internal sealed class NoJobs : IJobsDoor
{
    /// <inheritdoc/>
    public ValueTask<(IJobStore? Store, bool IsOn, string? Problem)> OpenAsync(CancellationToken cancellation) => new((null, false, "This process has no jobs."));

    /// <inheritdoc/>
    public JobPolicy? PolicyOf(string backend) => null;
}
