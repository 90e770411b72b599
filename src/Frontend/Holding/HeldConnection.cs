using System.IO.Pipelines;
using Admission.Capacity;
using Admission.Client;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Holding;

/// <summary>
/// A request's connection that is kept alive until its outcome is there: stands in for the response, so that whoever answers (the forwarder, a refusal, a problem) answers into it.
/// </summary>
/// <remarks>
/// <para>
/// At first it is <see cref="Stage.Quiet"/>. If the answer begins before the first heartbeat it goes straight through, with its own status and headers. After the first heartbeat the status and the type are sent, and the
/// answer goes on as it is where it is what was promised (<see cref="Stage.Passing"/>), or is taken in and told in words at the end (<see cref="Stage.Taking"/>).
/// </para>
/// <para>
/// Two parties: the request's own flow, and the wheel (with whoever tells news of the ticket). <see cref="_gate"/> guards the stage and who writes. The wheel's side writes only while <see cref="_writing"/> is its own, and
/// never once the flow has taken over (<see cref="TakeOverAsync"/>), which waits for a write that is under way. No write of the wheel's side is waited for by anybody else: a heartbeat that finds the last one unfinished
/// is left out, and after <see cref="WriteBound"/> the connection is cut. So each connection has at most one heartbeat, or one event, that its client has not taken.
/// </para>
/// <para>
/// While it is held, the request's flow and the wheel never touch the same headers: the flow has <see cref="Headers"/> of its own, and the server's are the wheel's, also for what the application does when its response starts.
/// </para>
/// </remarks>
internal sealed partial class HeldConnection : HoldWheel.Entry, IHttpResponseFeature, IHttpResponseBodyFeature, IHttpRequestLifetimeFeature, ITicketWatcher
{
    /// <summary>A write that its client has not taken for so long ends the connection.</summary>
    public static readonly TimeSpan WriteBound = TimeSpan.FromSeconds(30);

    [ThreadStatic]
    private static HeldConnection? _starting;

    private readonly HoldDesk _desk;
    private readonly HeldFormat _format;
    private readonly IHttpResponseFeature _response;
    private readonly IHttpResponseBodyFeature _body;
    private readonly IHttpRequestLifetimeFeature _lifetime;
    private readonly HttpContext _context;
    private readonly Lock _gate = new();
    private readonly HeaderDictionary _headers = [];
    private readonly IHttpResponseTrailersFeature? _trailers;
    private readonly IHttpResetFeature? _reset;
    private readonly long _began;
    private TaskCompletionSource? _turn;
    private WaitingRequest? _ticket;
    private long _since;
    private long _beat;
    private Stage _stage;
    private bool _writing;
    private bool _taken;

    public HeldConnection(HoldDesk desk, HttpContext context, string backend, HoldSettings settings, HeldFormat format)
    {
        _desk = desk;
        _context = context;
        _format = format;
        Backend = backend;
        Settings = settings;
        var features = context.Features;
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _body = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        foreach (var (name, values) in _response.Headers)
        {
            _headers[name] = values;
        }

        _since = _began = desk.Time.GetTimestamp();
        features.Set<IHttpResponseFeature>(this);
        features.Set<IHttpResponseBodyFeature>(this);
        features.Set<IHttpRequestLifetimeFeature>(this);
        _trailers = features.Get<IHttpResponseTrailersFeature>();
        if (features.Get<IHttpResetFeature>() is { } reset)
        {
            // A stream is not to be reset whose outcome can still be told.
            _reset = reset;
            features.Set<IHttpResetFeature>(null);
        }
    }

    private enum Stage
    {
        /// <summary>Nothing is sent.</summary>
        Quiet,

        /// <summary>Heartbeats are sent, and nobody has begun to answer.</summary>
        Held,

        /// <summary>The answer goes to the client as it comes.</summary>
        Passing,

        /// <summary>The answer's first bytes are looked at.</summary>
        Looking,

        /// <summary>The answer is taken in.</summary>
        Taking,

        /// <summary>The client has been told an outcome, or needs none any more: what else comes is dropped.</summary>
        Over,
    }

    /// <summary>The backend.</summary>
    public string Backend { get; }

    /// <summary>How it is held.</summary>
    public HoldSettings Settings { get; }

    /// <summary>The held connection that a request has; null for none.</summary>
    public static HeldConnection? Of(HttpContext context) => context.Features.Get<IHttpResponseFeature>() as HeldConnection;

    /// <summary>What a request asks whose connection is held, if it is: it may wait longer, unless it says itself that it does not.</summary>
    public static AdmissionRequest Apply(HttpContext context, AdmissionRequest request)
    {
        if (Of(context) is not { } held)
        {
            return request;
        }

        // What the request itself says has been put into it; what the route says to others is not for this one.
        var most = held.Settings.MaxWait;
        var own = context.Request.Headers.ContainsKey(Forwarding.AdmissionHeaders.Deadline) ? request.MaxWait : null;
        return request with { IsHeld = true, MaxWait = own < most ? own : most };
    }

    /// <summary>The time for a heartbeat, or for the first one.</summary>
    public override void Wake()
    {
        bool begins;
        lock (_gate)
        {
            if (_writing)
            {
                LookAtWrite();
                return;
            }

            if (_taken || _stage == Stage.Over)
            {
                return;
            }

            var left = UntilHeartbeat();
            if (left > TimeSpan.Zero)
            {
                // It was woken for a write that has ended.
                _desk.Wheel.Put(this, left);
                return;
            }

            _beat = _desk.Time.GetTimestamp();
            begins = Enter();
        }

        Write(begins, isHeartbeat: true);
    }

    /// <summary>The request waits for its permit.</summary>
    public void Waits(WaitingRequest ticket)
    {
        _ticket = ticket;
        if (_format.TellsTicket)
        {
            _desk.Board.Add(this);
        }
    }

    /// <summary>The request has its permit, and goes to the backend.</summary>
    /// <param name="waited">How long it has waited.</param>
    public void RunBegan(TimeSpan waited)
    {
        if (_format.TellsTicket)
        {
            _desk.Board.Remove(this);
            _running = new RunningEvent(Name, Rounded(waited));
            TellNews();
        }

        _ticket = null;
    }

    // Under the gate: while the write is under way the flow cannot have ended, so that no other request's connection is cut.
    private void LookAtWrite()
    {
        var left = WriteBound - _desk.Time.GetElapsedTime(_since);
        if (left > TimeSpan.Zero)
        {
            _desk.Wheel.Put(this, left < Settings.Every ? left : Settings.Every);
            return;
        }

        // The server ends the write that somebody may wait for.
        _desk.LogStuck(Backend, WriteBound.TotalSeconds);
        _lifetime.Abort();
    }

    private TimeSpan UntilHeartbeat() => _stage == Stage.Quiet ? TimeSpan.Zero : Settings.Every - _desk.Time.GetElapsedTime(_beat);

    // Who may write; whether it is the first time. It is woken for the next heartbeat, or before that when this write must have ended.
    private bool Enter()
    {
        _writing = true;
        _since = _desk.Time.GetTimestamp();
        var left = Settings.Every - _desk.Time.GetElapsedTime(_beat);
        _desk.Wheel.Put(this, TimeSpan.FromTicks(Math.Clamp(left.Ticks, 0, WriteBound.Ticks)));
        if (_stage != Stage.Quiet)
        {
            return false;
        }

        _stage = Stage.Held;
        return true;
    }

    private void Write(bool begins, bool isHeartbeat)
    {
        try
        {
            if (begins)
            {
                var start = Start();
                if (!start.IsCompletedSuccessfully)
                {
                    _ = WriteSlowlyAsync(start, isHeartbeat);
                    return;
                }
            }

            var flush = WriteNext(begins, isHeartbeat);
            if (!flush.IsCompletedSuccessfully)
            {
                _ = AwaitAsync(flush);
                return;
            }
        }
        catch (Exception failed)
        {
            Failed(failed);
        }

        Leave();
    }

    private async Task WriteSlowlyAsync(Task start, bool isHeartbeat)
    {
        try
        {
            await start;
            await WriteNext(begins: true, isHeartbeat);
        }
        catch (Exception failed)
        {
            Failed(failed);
        }

        Leave();
    }

    private async Task AwaitAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            await flush;
        }
        catch (Exception failed)
        {
            Failed(failed);
        }

        Leave();
    }

    // The status and what is known of the answer go out. Callbacks of the application, which run now, see the server's own headers.
    private Task Start()
    {
        var headers = _response.Headers;
        _response.StatusCode = StatusCodes.Status200OK;
        headers.ContentType = _format.ContentType;
        headers.CacheControl = "no-store";
        headers[HoldDesk.Header] = "heartbeat";

        // nginx would keep what is less than a page for itself.
        headers["X-Accel-Buffering"] = "no";
        if (Name is { } ticket)
        {
            headers[Problems.Problem.TicketHeader] = ticket;
        }

        if (_trailers is not null)
        {
            headers.Trailer = HoldDesk.StatusTrailer;
        }

        _body.DisableBuffering();
        _starting = this;
        try
        {
            return _body.StartAsync(CancellationToken.None);
        }
        finally
        {
            _starting = null;
        }
    }

    /// <summary>The writer is free again: for the flow that waits for it, or for news that came meanwhile.</summary>
    private void Leave()
    {
        TaskCompletionSource? turn;
        bool again;
        lock (_gate)
        {
            _writing = false;
            turn = _taken ? _turn : null;
            again = !_taken && _news && _stage != Stage.Over;
            if (again)
            {
                _news = false;
                Enter();
            }
        }

        turn?.TrySetResult();
        if (again)
        {
            Write(begins: false, isHeartbeat: false);
        }
    }

    /// <summary>From now on the caller alone writes; once what is under way has ended.</summary>
    private ValueTask TakeOverAsync()
    {
        lock (_gate)
        {
            _taken = true;
            if (!_writing)
            {
                return default;
            }

            _turn ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_turn.Task);
        }
    }

    private void Failed(Exception failed)
    {
        // A client that has left shows in many ways; the request's flow knows it by its token.
        if (!_lifetime.RequestAborted.IsCancellationRequested)
        {
            _desk.LogFailed(failed, Backend);
            _lifetime.Abort();
        }
    }
}
