using Admission.Client;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Holding;
using Microsoft.Extensions.Options;

namespace Admission.Frontend.Shutdown;

/// <summary>
/// Before the server stops listening: what is new is refused, what is in flight is finished within <c>Admission:ShutdownTimeout</c>, and the permits go back.
/// </summary>
internal sealed partial class OrderlyShutdown(
    AdmissionClient client, BackendTable backends, HoldDesk holding, TimeProvider time, IOptions<HostOptions> host, ILogger<OrderlyShutdown> logger) : IHostedLifecycleService
{
    /// <summary>What comes after that: clients read what is buffered for them, and the silo stops.</summary>
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(5);

    /// <summary>How long held connections may take to take their last words.</summary>
    private static readonly TimeSpan HeldEnds = TimeSpan.FromSeconds(2);

    private TimeSpan _timeout;

    /// <summary>No request is admitted any more.</summary>
    public bool Begun { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The host's own patience must not end before ours. It is fixed once the host stops, so both are taken now.
        _timeout = backends.Settings.ShutdownTimeout;
        var needed = _timeout + Afterwards;
        host.Value.ShutdownTimeout = host.Value.ShutdownTimeout < needed ? needed : host.Value.ShutdownTimeout;
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        Begun = true;
        LogStopping(_timeout.TotalSeconds);
        using var patience = new CancellationTokenSource(_timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await client.StopAsync(either.Token);

        // Who is still inside will not be answered any more; a held connection is told so, and ends as it should.
        try
        {
            await holding.EndAllAsync().WaitAsync(HeldEnds, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // Clients that take nothing any more: the server closes their connections.
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(2030, LogLevel.Information, "Stopping: new requests are refused, those in flight have {Seconds} s to finish.")]
    private partial void LogStopping(double seconds);
}
