namespace Admission.Simulation;

/// <summary>A report on its way to an activation.</summary>
internal sealed record ReportEnvelope(int Holder, int Process, long Exchange, HolderReport Report)
{
    /// <summary>How often it was tried again after a write.</summary>
    public int Tries { get; set; }
}

/// <summary>A reply on its way back.</summary>
internal sealed record ReplyEnvelope(int Process, long Exchange, LedgerMessage Message);

/// <summary>A pushed message on its way to a holder's process.</summary>
internal sealed record PushEnvelope(int Process, LedgerMessage Message);

/// <summary>Delays, loses, doubles and reorders every message on its own; links between a holder and an activation can be cut.</summary>
internal sealed class Network(World world)
{
    private readonly HashSet<(int Holder, int Activation)> _cut = [];

    public bool IsCut(int holder, int activation) => _cut.Count > 0 && (_cut.Contains((holder, activation)) || _cut.Contains((holder, -1)) || _cut.Contains((-1, activation)));

    /// <summary>Cuts links for a while; -1 stands for everybody.</summary>
    public void Cut(int holder, int activation) => _cut.Add((holder, activation));

    public void Mend(int holder, int activation) => _cut.Remove((holder, activation));

    public void MendAll() => _cut.Clear();

    public void SendReport(Holder holder, HolderReport report, long exchange)
    {
        if (world.Quiet)
        {
            world.ChooseRoute(holder);
        }

        var route = holder.Route;
        if (route < 0 || !world.Activations[route].IsAlive)
        {
            if (world.Random.Chance(0.5))
            {
                world.Events.Add(world.Now + Delay(), EventKind.ExchangeTimesOut, holder.Index, exchange);
            }

            return;
        }

        Send(holder.Index, route, EventKind.ReportArrives, route, new ReportEnvelope(holder.Index, holder.Process, exchange, report));
    }

    public void SendReply(int activation, ReportEnvelope question, LedgerMessage message) =>
        Send(question.Holder, activation, EventKind.ReplyArrives, question.Holder, new ReplyEnvelope(question.Process, question.Exchange, message));

    public void SendPush(int activation, int holder, int process, LedgerMessage message) =>
        Send(holder, activation, EventKind.PushArrives, holder, new PushEnvelope(process, message));

    public long Delay()
    {
        var scenario = world.Scenario;
        return world.Faulty && world.Random.Chance(scenario.Late)
            ? world.Random.Between(scenario.MostDelay, scenario.LateDelay)
            : world.Random.Between(scenario.LeastDelay, scenario.MostDelay);
    }

    private void Send(int holder, int activation, EventKind kind, int target, object envelope)
    {
        var copies = 1;
        if (world.Faulty)
        {
            if (IsCut(holder, activation) || world.Random.Chance(world.Scenario.Loss))
            {
                return;
            }

            copies += world.Random.Chance(world.Scenario.Doubling) ? 1 : 0;
        }

        for (; copies > 0; copies--)
        {
            var delay = copies == 1 ? Delay() : Delay() * 4;
            world.Events.Add(world.Now + delay, kind, target, activation, envelope);
        }
    }
}
