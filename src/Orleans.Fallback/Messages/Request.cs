using Orleans.Runtime;

namespace Orleans.Fallback.Messages;

/// <summary>
/// One call on its way to a grain or an observer: what a transport has to carry, and where the answer goes. In one process the sink is the
/// caller's own <see cref="PendingCall"/>; a transport puts a sink of its own here that sends the answer back.
/// </summary>
/// <remarks>
/// A request is begun at most once, here or, if it departs, elsewhere. <see cref="Cancel"/> before that drops it from whatever queue it is in; afterwards it cancels the
/// token that the method got, inside the turn of the one who runs it.
/// </remarks>
internal sealed class Request(GrainId target, MethodShape method, object?[] arguments, IResponseSink? sink)
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Dropped = 2;

    private int _state;
    private CancellationTokenSource? _cancellation;
    private Action<Action>? _post;
    private Action<bool, bool>? _departed;

    /// <summary>The grain or observer.</summary>
    public GrainId Target { get; } = target;

    /// <summary>What to call.</summary>
    public MethodShape Method { get; } = method;

    /// <summary>The arguments; they are the receiver's own.</summary>
    public object?[] Arguments { get; } = arguments;

    /// <summary>Where the answer goes; null for one-way calls.</summary>
    public IResponseSink? Sink { get; } = sink;

    /// <summary>When nobody waits for the answer any more, as a timestamp of the process's <see cref="TimeProvider"/>; 0 for never.</summary>
    public long Deadline { get; init; }

    /// <summary>How many connections it has come over.</summary>
    public int Hops { get; init; }

    /// <summary>How often it could not be sent where it should have gone.</summary>
    public int Failures { get; set; }

    /// <summary>Gives the method a token of its own, where it takes one.</summary>
    public void AddCancellation()
    {
        _cancellation = new CancellationTokenSource();
        Arguments[Method.CancellationIndex] = _cancellation.Token;
    }

    /// <summary>Whether the request may run now. <paramref name="post"/> runs an action in a turn of the one who runs it.</summary>
    public bool TryBegin(TimeProvider time, Action<Action> post)
    {
        _post = post;
        return (Deadline == 0 || time.GetTimestamp() < Deadline)
            && Interlocked.CompareExchange(ref _state, Begun, Waiting) == Waiting;
    }

    /// <summary>
    /// Whether the request may leave this process now, instead of beginning in it. <paramref name="cancelled"/> is called in the place of
    /// <see cref="Cancel"/> from then on.
    /// </summary>
    public bool TryDepart(TimeProvider time, Action<bool, bool> cancelled)
    {
        _departed = cancelled;
        return (Deadline == 0 || time.GetTimestamp() < Deadline)
            && Interlocked.CompareExchange(ref _state, Begun, Waiting) == Waiting;
    }

    /// <summary>The caller does not wait any more.</summary>
    /// <param name="drop">Whether the request may be dropped if it has not begun.</param>
    /// <param name="cancelToken">Whether the method's token is cancelled if it has.</param>
    public void Cancel(bool drop, bool cancelToken)
    {
        if (drop && Interlocked.CompareExchange(ref _state, Dropped, Waiting) == Waiting)
        {
            return;
        }

        if (_departed is { } departed)
        {
            departed(drop, cancelToken);
            return;
        }

        if (cancelToken && _cancellation is { } cancellation)
        {
            if (_post is { } post)
            {
                post(cancellation.Cancel);
            }
            else
            {
                cancellation.Cancel();
            }
        }
    }
}

/// <summary>Takes the one answer of a request. Later answers are ignored.</summary>
internal interface IResponseSink
{
    /// <summary>The method returned.</summary>
    void Complete(object? result);

    /// <summary>The method threw, or the request could not be delivered.</summary>
    void Fail(Exception exception);
}

/// <summary>Brings requests to where they run. The network puts itself in here.</summary>
internal interface IRequestRouter
{
    /// <summary>Sends a request. Failures go to the request's sink.</summary>
    void Send(Request request);
}
