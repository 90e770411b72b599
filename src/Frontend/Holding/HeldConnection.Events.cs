using System.Buffers;
using System.IO.Pipelines;
using Admission.Capacity;

namespace Admission.Frontend.Holding;

/// <content>What the client is told while it waits.</content>
internal sealed partial class HeldConnection
{
    private RunningEvent? _running;
    private TicketPosition _place;
    private int _toldPosition;
    private bool _toldTicket;
    private bool _toldRunning;
    private bool _news;

    /// <summary>The number of the ticket in this process; 0 while none waits.</summary>
    public long Ticket => _ticket?.Ticket ?? 0;

    private string? Name => _ticket is { } ticket ? ticket.Waiting.ToString() is { Length: > 0 } name ? name : null : _running?.Ticket;

    /// <summary>The ledger has said where the ticket stands.</summary>
    public void Placed(TicketPosition place)
    {
        _place = place;
        if (place.Position != _toldPosition)
        {
            TellNews();
        }
    }

    // What cannot be told at once is told when the present write has ended; before the first heartbeat nothing is.
    private void TellNews()
    {
        lock (_gate)
        {
            if (_writing)
            {
                _news = true;
                return;
            }

            if (_taken || _stage is Stage.Quiet or Stage.Over)
            {
                return;
            }

            Enter();
        }

        Write(begins: false, isHeartbeat: false);
    }

    private ValueTask<FlushResult> WriteNext(bool begins, bool isHeartbeat)
    {
        var writer = _body.Writer;
        var told = _format.TellsTicket && Tell(writer);
        if (!told && (begins || isHeartbeat))
        {
            writer.Write(begins ? _format.Begin : _format.Heartbeat);
        }

        return writer.FlushAsync(CancellationToken.None);
    }

    private bool Tell(PipeWriter writer)
    {
        if (_running is { } running)
        {
            if (_toldRunning)
            {
                return false;
            }

            _toldRunning = true;
            EventHeld.Write(writer, "running", running);
            return true;
        }

        if (_ticket is not { } ticket)
        {
            return false;
        }

        // Until the ledger has been asked, its place on arrival.
        var place = _place.Position > 0 ? _place : ticket.Position;
        if (place.Position == _toldPosition && _toldTicket)
        {
            return false;
        }

        (_toldPosition, _toldTicket) = (place.Position, true);
        EventHeld.Write(writer, "ticket", new TicketEvent(
            Name, Backend, place.Position > 0 ? place.Position : null, place.ExpectedWait > TimeSpan.Zero ? Rounded(place.ExpectedWait) : null,
            Rounded(_desk.Time.GetElapsedTime(_began))));
        return true;
    }

    private static double Rounded(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    /// <summary>A request that waits. Durations are in seconds.</summary>
    /// <param name="Ticket">Its ticket.</param>
    /// <param name="Backend">What it waits for.</param>
    /// <param name="Position">Its place; 1 is next. Null while the ledger does not know it.</param>
    /// <param name="ExpectedWait">How long it will wait yet, by the pace that was measured; null while none was.</param>
    /// <param name="Waited">How long it has waited.</param>
    private sealed record TicketEvent(string? Ticket, string Backend, int? Position, double? ExpectedWait, double Waited);

    /// <summary>A request that has its permit.</summary>
    /// <param name="Ticket">The ticket that it had; null if it did not wait.</param>
    /// <param name="Waited">How long it waited, in seconds.</param>
    private sealed record RunningEvent(string? Ticket, double Waited);
}
