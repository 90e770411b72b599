using System.Collections.Concurrent;
using Admission.Client;
using Admission.Frontend.Buffering;
using Admission.Frontend.Deferring;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Holding;

/// <summary>Decides whose connections are held, and has what they share.</summary>
internal sealed partial class HoldDesk(AdmissionClient client, Buffers buffers, TimeProvider time, ILogger<HoldDesk> logger) : IDisposable
{
    /// <summary>Says that a connection is held, or why it is not.</summary>
    public const string Header = "X-Admission-Hold";

    /// <summary>The outcome's own status, after the body.</summary>
    public const string StatusTrailer = "X-Admission-Status";

    private const string NoFormat = "off; reason=no-format";
    private const int ShortRetry = 1;

    private readonly ConcurrentDictionary<HeldConnection, bool> _open = new();

    /// <summary>Wakes the connections.</summary>
    public HoldWheel Wheel { get; } = new(time, logger);

    /// <summary>Tells the tickets' places.</summary>
    public TicketBoard Board { get; } = new(client, time, logger);

    /// <summary>What buffers share.</summary>
    public Buffers Buffers => buffers;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Connections that are held, those included that have had no heartbeat yet.</summary>
    public int Open => _open.Count;

    /// <summary>The backend of each of them.</summary>
    public IEnumerable<string> Backends => _open.Keys.Select(held => held.Backend);

    /// <summary>Begins to hold a request's connection, if it can be held: the response stands in for the server's own from then on.</summary>
    /// <param name="context">The request.</param>
    /// <param name="backend">Its backend.</param>
    /// <param name="settings">What its route says.</param>
    /// <returns>The connection, or null for a request that is like all others.</returns>
    public HeldConnection? Begin(HttpContext context, string backend, HoldSettings settings)
    {
        var request = context.Request;
        if (HttpMethods.IsHead(request.Method) || HttpMethods.IsConnect(request.Method) || Streams.NeedClient(context) || context.Response.HasStarted
            || context.Features.Get<JobTerms>() is not null)
        {
            return null;
        }

        if (HoldFormats.For(request.Headers.Accept, settings.Format) is not { } format)
        {
            context.Response.Headers[Header] = NoFormat;
            return null;
        }

        // White space goes before what is not compressed; and a backend that knows no events may answer what it knows.
        request.Headers.AcceptEncoding = "identity";
        if (format.TellsTicket)
        {
            request.Headers.Accept = EventHeld.Accepted;
        }

        var held = new HeldConnection(this, context, backend, settings, format);
        _open.TryAdd(held, true);
        if (settings.After == TimeSpan.Zero)
        {
            held.Wake();
        }
        else
        {
            Wheel.Put(held, settings.After);
        }

        return held;
    }

    /// <summary>A connection needs nothing of this any more.</summary>
    public void End(HeldConnection held)
    {
        Board.Remove(held);
        Wheel.Remove(held);
        _open.TryRemove(held, out _);
    }

    /// <summary>Tells all whose answer has not begun that the gateway shuts down, so that their responses end as they should.</summary>
    public Task EndAllAsync() => Task.WhenAll(_open.Keys.Select(held => held.EndAsync(new Problem(
        StatusCodes.Status503ServiceUnavailable, "shutting-down", "The gateway is shutting down",
        "This gateway has stopped before the answer was there. Whether the backend has done the work is not known. Try again on a new connection.", held.Backend)
    {
        RetryAfter = ShortRetry,
    })));

    public void Dispose()
    {
        Wheel.Dispose();
        Board.Dispose();
    }

    [LoggerMessage(2175, LogLevel.Warning, "A client of backend '{Backend}' has not taken a heartbeat for {Seconds} s. Its connection is closed.")]
    internal partial void LogStuck(string backend, double seconds);

    [LoggerMessage(2176, LogLevel.Warning, "A held connection of backend '{Backend}' could not be written to. It is closed.")]
    internal partial void LogFailed(Exception exception, string backend);
}
