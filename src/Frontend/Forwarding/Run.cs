using Admission.Client;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Forwarding;

/// <summary>Why a request's time in the backend ended before the backend had answered.</summary>
internal enum RunEnd
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The policy's <c>RunTimeout</c>.</summary>
    RunTimeout,

    /// <summary>The lease ran out, and the policy says <c>OnLeaseLost: Cancel</c>.</summary>
    LeaseLost,

    /// <summary>The client left, and the policy says <c>StopsWhenAbandoned</c>; or it closed its side of an upgraded connection.</summary>
    ClientLeft,
}

/// <summary>
/// One request's time in the backend: stands in for the request's lifetime, so that the forwarder stops when the permit says so, and not because the client
/// has left: most backends would go on working, and the permit would be given to the next too early.
/// </summary>
internal sealed class Run : IHttpRequestLifetimeFeature, IDisposable
{
    private readonly RunCancellations _cancellations;
    private readonly CancellationTokenSource _source;
    private readonly IHttpRequestLifetimeFeature? _client;
    private readonly CancellationToken _clientGone;
    private readonly CancellationTokenRegistration _leaseLost;
    private CancellationTokenRegistration _clientLeft;
    private bool _watchesClient;
    private int _end;

    public Run(
        RunCancellations cancellations, TimeSpan timeout, IHttpRequestLifetimeFeature? client, CancellationToken clientGone, CancellationToken leaseLost)
    {
        _cancellations = cancellations;
        _source = cancellations.Rent(timeout);
        _client = client;
        _clientGone = clientGone;
        RequestAborted = _source.Token;
        _leaseLost = leaseLost.UnsafeRegister(static run => ((Run)run!).Stop(RunEnd.LeaseLost), this);
    }

    /// <summary>Why it was stopped.</summary>
    public RunEnd End
    {
        get
        {
            var end = (RunEnd)Volatile.Read(ref _end);
            return end == RunEnd.None && _source.IsCancellationRequested ? RunEnd.RunTimeout : end;
        }
    }

    public CancellationToken RequestAborted { get; set; }

    /// <summary>From now on the client's departure ends it. Saying so again changes nothing.</summary>
    public void StopWhenClientLeaves()
    {
        if (!_watchesClient)
        {
            _watchesClient = true;
            _clientLeft = _clientGone.UnsafeRegister(static run => ((Run)run!).Stop(RunEnd.ClientLeft), this);
        }
    }

    public void Abort() => _client?.Abort();

    /// <summary>The backend is done: nothing is cancelled any more.</summary>
    public void Dispose()
    {
        _leaseLost.Dispose();
        _clientLeft.Dispose();
        _cancellations.Return(_source);
    }

    private void Stop(RunEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, (int)end, (int)RunEnd.None) == (int)RunEnd.None)
        {
            _source.Cancel();
        }
    }
}
