using System.Data;
using System.Threading.RateLimiting;
using Admission.Client.RateLimiting;
using Npgsql;

namespace NpgsqlSample;

/// <summary>A session that stays, with a permit of its own, and asks the server whether others have ended. It is closed when its lease is lost.</summary>
internal sealed class SessionWatch : IAsyncDisposable
{
    /// <summary>The number of a session that was not opened to the end, which the server may have counted all the same.</summary>
    public const int NotKnown = 0;

    /// <summary>A server that can be reached has forgotten a session that was closed after some milliseconds; where nobody can ask it, this is waited instead.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(2);

    /// <summary>One question at a time.</summary>
    private readonly SemaphoreSlim _asking = new(1);
    private readonly RateLimitLease _permit;
    private readonly NpgsqlConnection _session;
    private readonly CancellationTokenSource _ending;
    private readonly CancellationToken _ended;

    private SessionWatch(RateLimitLease permit, NpgsqlConnection session, CancellationToken lost)
    {
        (_permit, _session) = (permit, session);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(lost);
        _ended = _ending.Token;
        _ended.UnsafeRegister(static watch => _ = ((SessionWatch)watch!).CloseAsync(), this);
    }

    /// <summary>False once its session has ended, for whatever reason.</summary>
    public bool IsWatching => !_ended.IsCancellationRequested && _session.State == ConnectionState.Open;

    /// <summary>Opens the session.</summary>
    /// <param name="permit">The permit for it, which the watch gives back.</param>
    /// <param name="database">The connection string.</param>
    /// <param name="cancellation">The caller leaves.</param>
    public static async Task<SessionWatch> StartAsync(RateLimitLease permit, string database, CancellationToken cancellation)
    {
        _ = permit.TryGetMetadata(AdmissionMetadata.LeaseLost, out var lost);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lost);
        var session = new NpgsqlConnection(database);
        try
        {
            await session.OpenAsync(either.Token);
            return new SessionWatch(permit, session, lost);
        }
        catch
        {
            await session.DisposeAsync();
            permit.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the server has forgotten a session that was closed, or the lease on its permit is lost.</summary>
    /// <param name="process">The session's process at the server, or <see cref="NotKnown"/>.</param>
    /// <param name="lost">The lease of the session's permit is lost.</param>
    public async Task UntilEndedAsync(int process, CancellationToken lost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(lost, _ended);
        try
        {
            while (await CountsAsync(process, either.Token))
            {
                await Task.Delay(AskAgain, either.Token);
            }
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException or OperationCanceledException)
        {
            // The watch has ended. The next one is opened with the next session, and says what is wrong if that cannot be.
            process = NotKnown;
        }

        if (process == NotKnown && !lost.IsCancellationRequested)
        {
            await Task.Delay(Grace, lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await CloseAsync();
        _ending.Dispose();
    }

    private async Task<bool> CountsAsync(int process, CancellationToken cancellation)
    {
        await _asking.WaitAsync(cancellation);
        try
        {
            await using var query = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", _session) { Parameters = { new() { Value = process } } };
            return (bool)(await query.ExecuteScalarAsync(cancellation))!;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>What is being asked is cancelled already.</summary>
    private async Task CloseAsync()
    {
        await _asking.WaitAsync();
        try
        {
            await _session.DisposeAsync();
            _permit.Dispose();
        }
        finally
        {
            _asking.Release();
        }
    }
}
