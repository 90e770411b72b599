using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Fallback.Membership;

/// <summary>What a client knows of the cluster: it reads the table that the silos share.</summary>
/// <remarks>While it knows of no silo, or the table cannot be reached, it looks every second; the last view stays.</remarks>
internal sealed partial class ClientMembership : IClusterMembership, IMembershipAgent, IDisposable
{
    private static readonly TimeSpan SearchPeriod = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _period;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TableReader _reader;
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;

    public ClientMembership(IMemberTable table, IOptions<GatewayOptions> options, TimeProvider time, ILogger<ClientMembership> log)
    {
        (_period, _time, _log) = (options.Value.GatewayListRefreshPeriod, time, log);
        _reader = new TableReader(table, time, log);
    }

    public ClusterView Current => _reader.Current;

    public TimeSpan TableAge => _reader.TableAge;

    public CancellationToken Failed => CancellationToken.None;

    public void OnChange(Action<ClusterView> handler) => _reader.OnChange(handler);

    public Task RefreshAsync() => _reader.LookAsync();

    public async Task JoinAsync(CancellationToken cancellation)
    {
        var reached = await _reader.LookAsync().WaitAsync(cancellation);
        if (reached && Current.Active.Count == 0)
        {
            LogNoSilo();
        }

        _loop = Task.Run(SearchAsync, CancellationToken.None);
    }

    public Task BecomeActiveAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task BeginShutdownAsync(CancellationToken cancellation) => Task.CompletedTask;

    public async Task EndAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await _loop;
        await _reader.StopAsync();
    }

    public void Dispose()
    {
        // Where the host ends without having stopped the client. The container calls it once for each name of this service.
        _stopping.Cancel();
        _ = _reader.StopAsync();
    }

    private async Task SearchAsync()
    {
        try
        {
            while (true)
            {
                // The last silo may go while the loop rests, so it never rests for long.
                await Task.Delay(SearchPeriod < _period ? SearchPeriod : _period, _time, _stopping.Token);
                if (_reader.IsMissing || Current.Active.Count == 0 || TableAge >= _period)
                {
                    _ = await _reader.LookAsync().WaitAsync(_stopping.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // As intended.
        }
    }

    [LoggerMessage(9361, LogLevel.Warning, "The membership table has no active silo yet; the client waits for one")]
    private partial void LogNoSilo();
}
