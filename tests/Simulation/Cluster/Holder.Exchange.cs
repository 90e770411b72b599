namespace Admission.Simulation;

/// <content>The exchange with the ledger: one in flight, its end, and what is pushed.</content>
internal sealed partial class Holder
{
    public void BeginExchange()
    {
        if (_inFlight || _beginsLater)
        {
            return;
        }

        if (_world.Now < _notBefore)
        {
            _beginsLater = true;
            _world.Events.Add(_notBefore, EventKind.ExchangeBegins, Index, Process);
            return;
        }

        if (Pool.BeginExchange() is not { } report)
        {
            return;
        }

        _inFlight = true;
        _exchange++;
        _world.Trace.Add(_world.Now, "report sent", Index, Route, report);
        _world.Checks.ReportSent(this, report);
        _world.Tamper.Sent(this, report);
        _world.Network.SendReport(this, report, _exchange);
        _world.Events.Add(_world.Now + _world.Scenario.ExchangeTimeout, EventKind.ExchangeTimesOut, Index, _exchange);
        Observe();
    }

    public void BeginDelayedExchange()
    {
        _beginsLater = false;
        BeginExchange();
    }

    public void ExchangeTimesOut(long exchange)
    {
        if (_inFlight && exchange == _exchange)
        {
            _world.Trace.Add(_world.Now, "exchange failed", Index, exchange);
            EndExchange(null);
        }
    }

    public void ReplyArrives(ReplyEnvelope envelope)
    {
        if (envelope.Process != Process)
        {
            return;
        }

        _world.Trace.Add(_world.Now, "reply arrives", Index, envelope.Exchange, envelope.Message);
        if (_inFlight && envelope.Exchange == _exchange)
        {
            EndExchange(envelope.Message);
        }
        else
        {
            Take(envelope.Message);
        }
    }

    public void PushArrives(PushEnvelope envelope)
    {
        if (envelope.Process == Process)
        {
            _world.Trace.Add(_world.Now, "push arrives", Index, 0, envelope.Message);
            Take(envelope.Message);
        }
    }

    private void EndExchange(LedgerMessage? reply)
    {
        _inFlight = false;
        if (reply is null || reply.Status is not (LedgerStatus.Granting or LedgerStatus.Recovering or LedgerStatus.NewEpoch or LedgerStatus.LifeOver))
        {
            // As a client does: not again at once, and perhaps elsewhere.
            _notBefore = _world.Now + _world.Random.Between(20 * Timeline.Millisecond, 100 * Timeline.Millisecond);
            _world.ChooseRoute(this);
        }

        if (reply is not null)
        {
            _world.Checks.Delivering(this, reply);
        }

        reply = reply is null ? null : _world.Tamper.ToPool(this, reply);
        var effects = Pool.EndExchange(reply);
        Follow(effects);
        if (reply is not null && _world.Random.Chance(1.0 / 16))
        {
            _world.Checks.DeliverAgain(this, reply);
        }
    }

    private void Take(LedgerMessage message)
    {
        _world.Checks.Delivering(this, message);
        message = _world.Tamper.ToPool(this, message);
        Follow(Pool.Receive(message));
        if (_world.Random.Chance(1.0 / 16))
        {
            _world.Checks.DeliverAgain(this, message);
        }
    }
}
