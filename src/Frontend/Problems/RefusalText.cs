using System.Globalization;
using Admission.Capacity;
using Microsoft.Extensions.Primitives;

namespace Admission.Frontend.Problems;

/// <summary>
/// A refusal as it goes over the wire. Made once for refusals that are alike: in a storm that is nearly all of them.
/// </summary>
internal sealed class RefusalText
{
    private static readonly byte[] Blank = [.. Enumerable.Repeat((byte)'-', TicketId.Length)];

    private readonly RefusalReason _reason;
    private readonly Occupancy _occupancy;
    private readonly int _seconds;
    private readonly bool _heavy;
    private readonly bool _paused;
    private readonly byte[] _body;
    private readonly StringValues _retryAfter;
    private readonly StringValues _reasonCode;
    private readonly int _status;

    // The ticket is all that differs in a storm: its 32 characters are written over a body that is made once.
    private readonly int _ticketAt;

    private RefusalText(string backend, Refusal refusal, int seconds, bool heavy, bool paused, bool hasTicket)
    {
        _reason = refusal.Reason;
        _occupancy = refusal.Occupancy;
        _heavy = heavy;
        _paused = paused;
        _seconds = seconds;
        var problem = RefusalWords.Describe(backend, refusal, heavy, paused, seconds);
        _status = problem.Status;
        _reasonCode = problem.Reason;
        _retryAfter = problem.RetryAfter?.ToString(CultureInfo.InvariantCulture);
        _body = problem.ToJson(json =>
        {
            json.WriteNumber("limit", _occupancy.Limit);
            json.WriteNumber("inUse", _occupancy.InUse);
            json.WriteNumber("queued", _occupancy.Queued);
            if (hasTicket)
            {
                json.WriteString("ticket", Blank);
            }
        }).ToArray();
        _ticketAt = hasTicket ? _body.AsSpan().LastIndexOf(Blank) : -1;
    }

    /// <summary>Sends a refusal.</summary>
    /// <param name="context">The request.</param>
    /// <param name="backend">The backend that refused.</param>
    /// <param name="refusal">Why.</param>
    /// <param name="heavy">The request asks for more than one permit.</param>
    /// <param name="ticket">The request's name; none if nobody could explain it.</param>
    public static Task WriteAsync(HttpContext context, Forwarding.Backend backend, Refusal refusal, bool heavy, in TicketId ticket)
    {
        var text = backend.LastRefusal;
        var paused = IsPaused(backend, refusal);
        var seconds = RetryAfter(refusal);
        if (text is null || ticket.IsNone == text._ticketAt >= 0 || !text.Says(refusal, seconds, heavy, paused))
        {
            text = new RefusalText(backend.Id, refusal, seconds, heavy, paused, !ticket.IsNone);
            backend.LastRefusal = text;
        }

        return text.WriteAsync(context.Response, ticket);
    }

    /// <summary>A refusal as a part of a larger answer.</summary>
    /// <param name="backend">The backend that refused.</param>
    /// <param name="refusal">Why.</param>
    /// <param name="heavy">The request asks for more than one permit.</param>
    public static Problem Describe(Forwarding.Backend backend, Refusal refusal, bool heavy) =>
        RefusalWords.Describe(backend.Id, refusal, heavy, IsPaused(backend, refusal), RetryAfter(refusal));

    private static bool IsPaused(Forwarding.Backend backend, Refusal refusal) => backend.Settings.Policy.TotalLimit == 0 || refusal.Occupancy.Limit == 0;

    private static int RetryAfter(Refusal refusal) => (int)Math.Clamp(Math.Ceiling(refusal.Occupancy.RetryAfter.TotalSeconds), 1, int.MaxValue);

    private bool Says(Refusal refusal, int seconds, bool heavy, bool paused) =>
        _reason == refusal.Reason && _seconds == seconds && _heavy == heavy && _paused == paused
        && _occupancy == refusal.Occupancy with { RetryAfter = _occupancy.RetryAfter };

    private Task WriteAsync(HttpResponse response, in TicketId ticket)
    {
        response.StatusCode = _status;
        var headers = response.Headers;
        headers.ContentType = Problem.ContentType;
        headers.ContentLength = _body.Length;
        headers[Problem.ReasonHeader] = _reasonCode;
        if (_retryAfter.Count > 0)
        {
            headers.RetryAfter = _retryAfter;
        }

        if (_reason == RefusalReason.ShuttingDown)
        {
            headers.Connection = "close";
        }

        var writer = response.BodyWriter;
        var body = writer.GetSpan(_body.Length);
        _body.CopyTo(body);
        if (!ticket.IsNone)
        {
            headers[Problem.TicketHeader] = ticket.ToString();
            ticket.WriteUtf8(body[_ticketAt..]);
        }

        writer.Advance(_body.Length);
        var written = writer.FlushAsync();
        return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
    }
}
