using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Orleans.Fallback.Messages;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>One connection to a silo or client, from the attempt to open it to its end.</summary>
/// <remarks>
/// Any thread sends; frames wait in <see cref="OutgoingQueue"/>, from the first moment on, for the one loop that writes. Another loop reads, and
/// hands on what comes without waiting for anything. A request departs when the writing loop takes it, and from then on it has been sent or
/// is lost with the connection: it is never sent twice. <see cref="Close"/> gives back what has not departed, and fails what has.
/// </remarks>
internal sealed partial class Link(LinkContext context, Peer peer, bool opened)
{
    private const int FlushSize = 64 * 1024;

    private readonly ILogger _log = context.Log;
    private readonly Lock _gate = new();
    private readonly OutgoingQueue _queue = new();
    private readonly ConcurrentDictionary<long, Answer> _pending = new();
    private readonly ConcurrentDictionary<long, Request?> _incoming = new();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goodbyeHeard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConnectionContext? _connection;
    private Exception? _cause;
    private long _lastId;
    private long _dropped;
    private int _pendingCount;
    private int _answering;
    private volatile bool _retiring;

    public Peer Peer { get; private set; } = peer;

    /// <summary>Whether this process opened it.</summary>
    public bool Opened => opened;

    public Task Open => _open.Task;

    public Task Closed => _closed.Task;

    public bool IsOpen => _open.Task.IsCompletedSuccessfully && !_closed.Task.IsCompleted;

    /// <summary>Whether it takes requests: it is open or being opened, and nobody has said goodbye.</summary>
    public bool IsUsable => !_retiring && _cause is null;

    /// <summary>Whether one side has said goodbye: what is under way ends, and then the connection closes by itself.</summary>
    public bool IsRetiring => _retiring;

    /// <summary>Requests that came over it and have not been answered.</summary>
    public int Unanswered => _incoming.Count;

    /// <summary>Reads and writes until the connection ends. The peer has been welcomed.</summary>
    public async Task RunAsync(ConnectionContext connection, Peer welcomed)
    {
        lock (_gate)
        {
            if (_cause is not null)
            {
                connection.Abort();
                return;
            }

            _connection = connection;
            Peer = welcomed;
        }

        _ = _open.TrySetResult();
        var reading = ReadAsync(connection.Transport.Input);
        var writing = WriteAsync(connection.Transport.Output);
        var first = await Task.WhenAny(reading, writing);
        if (first == writing && writing.IsCompletedSuccessfully && _retiring)
        {
            // All is written and this side has closed; the other side closes when it has read it.
            first = reading;
            _ = await Task.WhenAny(reading, _closed.Task);
        }

        Close(first.Exception?.InnerException ?? new ConnectionResetException("The other side has closed the connection."));

        // Aborting the connection ended the other loop too; what it met then is not the cause.
        await Task.WhenAll(reading, writing).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    /// <summary>Sends a call.</summary>
    /// <returns>False when the connection does not take requests any more; the request has not been touched then.</returns>
    public bool TrySend(Request request, long version)
    {
        if (!IsUsable)
        {
            return false;
        }

        var method = context.Methods.Of(request.Method);
        if (request.Sink is null)
        {
            return TrySendOneWay(new OutgoingFrame(Request(request, method, 0, version), Id: 0, request), request);
        }

        if (Volatile.Read(ref _pendingCount) >= NetworkLimits.MaxPending)
        {
            request.Sink.Fail(new OrleansMessageRejectionException(
                $"{request.Method} to {request.Target} was not sent: {NetworkLimits.MaxPending} calls wait for answers of {Peer}."));
            return true;
        }

        var id = Interlocked.Increment(ref _lastId);
        var frame = new OutgoingFrame(Request(request, method, id, version), id, request);
        var added = Add(frame, new CallAnswer(request, method));
        if (added != OutgoingQueue.Added.Yes)
        {
            frame.Buffer.Dispose();
        }

        if (added == OutgoingQueue.Added.Full)
        {
            request.Sink.Fail(new OrleansMessageRejectionException(
                $"{request.Method} to {request.Target} was not sent: too much waits to be sent to {Peer}."));
        }

        return added != OutgoingQueue.Added.Closed;
    }

    private bool TrySendOneWay(OutgoingFrame frame, Request request)
    {
        var added = Add(frame);
        if (added == OutgoingQueue.Added.Full)
        {
            CountDropped(request.Method, request.Target);
        }

        if (added != OutgoingQueue.Added.Yes)
        {
            frame.Buffer.Dispose();
        }

        return added != OutgoingQueue.Added.Closed;
    }

    /// <summary>Adds a request, unless goodbye has been said: the other side relies on it that no request follows.</summary>
    /// <remarks>The answer is expected and the frame queued in one step, so that a close finds both, and gives the request back.</remarks>
    private OutgoingQueue.Added Add(OutgoingFrame frame, Answer? answer = null)
    {
        lock (_gate)
        {
            if (!IsUsable)
            {
                return OutgoingQueue.Added.Closed;
            }

            if (answer is not null)
            {
                AddPending(frame.Id, answer);
            }

            var added = _queue.TryAdd(frame, urgent: false);
            if (added != OutgoingQueue.Added.Yes)
            {
                _ = TryTakePending(frame.Id, out _);
            }

            return added;
        }
    }

    /// <summary>Asks a question of the engine's own; the body of the answer is a <typeparamref name="T"/>.</summary>
    /// <param name="kind">The question.</param>
    /// <param name="target">About which grain.</param>
    /// <param name="version">The version of this process's view.</param>
    /// <param name="silence">How long to wait for the answer, or for the word that it will come.</param>
    /// <param name="cancellation">Ends the wait in all; must have a bound.</param>
    /// <exception cref="TimeoutException">Nothing came.</exception>
    public async Task<T> AskAsync<T>(FrameKind kind, GrainId target, long version, TimeSpan silence, CancellationToken cancellation)
    {
        var answer = new QuestionAnswer<T>();
        var id = Interlocked.Increment(ref _lastId);
        AddPending(id, answer);
        try
        {
            var frame = new OutgoingFrame(Frame(new() { Kind = kind, Id = id, Target = target, Version = version }), id);
            if (_queue.TryAdd(frame, urgent: true) != OutgoingQueue.Added.Yes)
            {
                frame.Buffer.Dispose();
                throw Unavailable($"{kind} was not sent");
            }

            await answer.Sign.WaitAsync(silence, context.Time, cancellation);
            return await answer.Task.WaitAsync(cancellation);
        }
        finally
        {
            _ = TryTakePending(id, out _);
        }
    }

    /// <summary>Sends a frame that wants no answer.</summary>
    public void Tell(FrameHeader header) => SendUrgent(Frame(header));

    /// <summary>Answers a request or question, unless it has been answered.</summary>
    public void Complete(long id, Slot? slot, object? value) => SendAnswer(id, () =>
    {
        try
        {
            return Frame(new() { Kind = FrameKind.Result, Id = id }, slot, value);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The caller must hear that its result cannot be sent.
            return FailureFrame(id, exception);
        }
    });

    /// <summary>Answers a request with an exception, unless it has been answered.</summary>
    public void Fail(long id, Exception exception) => SendAnswer(id, () => FailureFrame(id, exception));

    /// <summary>Remembers a request or question that came, until it is answered.</summary>
    public void Remember(long id, Request? request) => _incoming[id] = request;

    /// <summary>Lets what is under way end, takes nothing new, and closes. Bounded.</summary>
    public async Task RetireAsync(CancellationToken cancellation)
    {
        _retiring = true;
        if (IsOpen)
        {
            Tell(new() { Kind = FrameKind.Goodbye });
            using var limit = new CancellationTokenSource(NetworkLimits.GoodbyeTime, context.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            try
            {
                await _goodbyeHeard.Task.WaitAsync(both.Token);
                await DrainedAsync(both.Token);
                _queue.Close();
                await _closed.Task.WaitAsync(both.Token);
            }
            catch (OperationCanceledException)
            {
                LogNotDrained(Peer, _incoming.Count, _pending.Count);
            }
        }

        Close(new ConnectionAbortedException("This process is shutting down."));
    }

    /// <summary>Ends the connection. What was sent fails; what was not goes back.</summary>
    public void Close(Exception cause)
    {
        lock (_gate)
        {
            if (_cause is not null)
            {
                return;
            }

            _cause = cause;
        }

        _queue.Close();
        _connection?.Abort(new ConnectionAbortedException(cause.Message, cause));
        while (_queue.TryTake(out var frame))
        {
            frame.Buffer.Dispose();
            var unsent = frame.Request is { Sink: null } || (frame.Request is not null && TryTakePending(frame.Id, out _));
            if (unsent)
            {
                context.Handler.OnNotSent(this, frame.Request!, cause);
            }
        }

        foreach (var id in _pending.Keys)
        {
            if (TryTakePending(id, out var answer))
            {
                answer.Fail(Unavailable("The answer is lost"));
            }
        }

        _incoming.Clear();
        _ = _open.TrySetException(Unavailable("There is no connection"));
        _ = _open.Task.Exception;
        _ = _goodbyeHeard.TrySetCanceled();
        _ = _closed.TrySetResult();
        LogClosed(Peer, cause.Message);
    }

    // Counted before the request leaves _incoming, so that whoever waits for the last answer sees the one or the other until it is queued.
    private void SendAnswer(long id, Func<FrameBuffer> make)
    {
        _ = Interlocked.Increment(ref _answering);
        try
        {
            if (_incoming.TryRemove(id, out _))
            {
                SendUrgent(make());
            }
        }
        finally
        {
            _ = Interlocked.Decrement(ref _answering);
        }
    }

    private void AddPending(long id, Answer answer)
    {
        _ = Interlocked.Increment(ref _pendingCount);
        _pending[id] = answer;
    }

    private bool TryTakePending(long id, [MaybeNullWhen(false)] out Answer answer)
    {
        if (!_pending.TryRemove(id, out answer))
        {
            return false;
        }

        _ = Interlocked.Decrement(ref _pendingCount);
        return true;
    }

    /// <summary>What a caller hears when this connection is the reason.</summary>
    public SiloUnavailableException Unavailable(string what) => _cause is null
        ? new($"{what}: the connection to {Peer} is not usable.")
        : new($"{what}: the connection to {Peer} has ended: {_cause.Message}", _cause);
}
