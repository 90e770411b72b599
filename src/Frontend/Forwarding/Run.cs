using Admission.Capacity;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Forwarding;

/// <summary>
/// One request's time in the backend: stands in for the request's lifetime, so that the forwarder stops when the permit says so, and not because the client
/// has left: most backends would go on working, and the permit would be given to the next too early.
/// </summary>
/// <remarks>
/// <para>
/// It is also the fence before the wire. The lease's end is noticed by a timer, and a process that was stopped (SIGSTOP, a paused machine) may go on with a request before
/// its timers: the write would put one too many into the backend. So whoever is about to write asks first, and the answer comes from the clock. Cancellation is for
/// what is in the backend already.
/// </para>
/// <para>
/// A request is asked at its first bytes on each connection, because a connection that was closed meanwhile has the request written again; and, where the policy
/// cancels what is in flight, at all later ones.
/// </para>
/// <para>
/// That nothing was sent is only said where it is known: before the request was first given to an HTTP client, and, while it is with that one for the first time, before the
/// first bytes on a connection that asks. (HTTP/2 does not ask; from there SocketsHttpHandler takes to another connection only what the backend has said it will not look at.)
/// </para>
/// </remarks>
internal sealed class Run : IHttpRequestLifetimeFeature, IDisposable
{
    private const int FenceOpen = 0;
    private const int FenceCancels = 1;
    private const int FenceClosed = 2;

    private static readonly AsyncLocal<Run?> InFlow = new();

    private readonly RunCancellations _cancellations;
    private readonly CancellationTokenSource _source;
    private readonly IHttpRequestLifetimeFeature? _client;
    private readonly CancellationToken _clientGone;
    private readonly HolderLife _life;
    private readonly bool _mayContinue;
    private readonly CancellationTokenRegistration _leaseLost;
    private CancellationTokenRegistration _clientLeft;
    private object? _writtenTo;
    private bool _watchesClient;
    private int _sends;
    private int _end;
    private int _fence;

    public Run(
        RunCancellations cancellations, BackendPolicy policy, IHttpRequestLifetimeFeature? client, CancellationToken clientGone, HolderLife life,
        TimeSpan? runTimeout = null)
    {
        _cancellations = cancellations;
        _source = cancellations.Rent(runTimeout ?? policy.RunTimeout);
        _client = client;
        _clientGone = clientGone;
        _life = life;
        _mayContinue = policy.OnLeaseLost == OnLeaseLost.Continue;
        RequestAborted = _source.Token;
        _leaseLost = life.Lost.UnsafeRegister(static run => ((Run)run!).Stop(RunEnd.LeaseLost), this);
    }

    /// <summary>The run of the present flow; null outside one.</summary>
    public static Run? Current => InFlow.Value;

    /// <summary>Why it was stopped.</summary>
    public RunEnd End
    {
        get
        {
            var end = (RunEnd)Volatile.Read(ref _end);
            return end == RunEnd.None && _source.IsCancellationRequested ? RunEnd.RunTimeout : end;
        }
    }

    /// <summary>Whether a connection has asked and was allowed to write.</summary>
    public bool WasAskedByConnection => _writtenTo is not null;

    public CancellationToken RequestAborted { get; set; }

    /// <summary>What the present flow writes from now on belongs to this run. Ends with the asynchronous method that calls it.</summary>
    public void EnterFlow() => InFlow.Value = this;

    /// <summary>The request is about to be given to an HTTP client.</summary>
    /// <exception cref="OperationCanceledException">It must not be: the lease has ended, or the run.</exception>
    public void BeforeSend()
    {
        Check(nothingSent: _sends == 0);
        _sends++;
    }

    /// <summary>Bytes of the request are about to be written to a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <exception cref="OperationCanceledException">They must not be: the lease has ended, or the run.</exception>
    public void BeforeWrite(object connection)
    {
        if (ReferenceEquals(_writtenTo, connection) && _mayContinue)
        {
            ThrowIfOver();
            return;
        }

        Check(nothingSent: _writtenTo is null && _sends <= 1);
        _writtenTo = connection;
    }

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

    /// <summary>The backend is done: nothing is cancelled any more, and nothing is sent.</summary>
    public void Dispose()
    {
        _leaseLost.Dispose();
        _clientLeft.Dispose();
        switch (Interlocked.Exchange(ref _fence, FenceClosed))
        {
            case FenceOpen:
                _cancellations.Return(_source);
                break;
            case FenceCancels:
                // Perhaps at this very moment: it must go to nobody else. A cancelled source has no timer any more.
                break;
        }
    }

    private void Check(bool nothingSent)
    {
        ThrowIfOver();
        if (!_life.HasLease)
        {
            StopAtFence(nothingSent);
        }

        RequestAborted.ThrowIfCancellationRequested();
    }

    // The permit has gone back, and the source may be somebody else's by now.
    private void ThrowIfOver()
    {
        if (Volatile.Read(ref _fence) == FenceClosed)
        {
            throw new OperationCanceledException("The request's time in the backend is over.");
        }
    }

    private void Stop(RunEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, (int)end, (int)RunEnd.None) == (int)RunEnd.None)
        {
            _source.Cancel();
        }
    }

    // Whatever ended it first, that nothing was sent is the better answer: the client may try again.
    private void StopAtFence(bool nothingSent)
    {
        if (Interlocked.CompareExchange(ref _fence, FenceCancels, FenceOpen) == FenceClosed)
        {
            ThrowIfOver();
        }

        if (nothingSent)
        {
            Interlocked.Exchange(ref _end, (int)RunEnd.NotSent);
            _source.Cancel();
        }
        else
        {
            Stop(RunEnd.LeaseLost);
        }
    }
}
