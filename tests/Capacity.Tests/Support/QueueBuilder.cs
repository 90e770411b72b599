namespace Admission.Capacity.Tests;

/// <summary>A ticket queue, and tickets by hand.</summary>
internal sealed class QueueBuilder
{
    private readonly HolderAccount _account = new(new StoredLife("a", 1));
    private long _arrivals;

    public QueueBuilder(QueueOrder? order = null, int limit = 8) => Queue.Configure(new BackendPolicy { Limit = limit, Order = order });

    public TicketQueue Queue { get; } = new();

    public QueuedTicket Add(string? tenant = null, int priority = Priorities.Normal, int weight = 1)
    {
        var arrival = ++_arrivals;
        var ticket = new QueuedTicket(_account, new TicketRequest(arrival, weight, priority, tenant, TimeSpan.FromMinutes(1)), long.MaxValue, arrival);
        Queue.Add(ticket);
        return ticket;
    }

    public void Add(int count, string? tenant, int priority = Priorities.Normal)
    {
        for (var i = 0; i < count; i++)
        {
            Add(tenant, priority);
        }
    }

    public QueuedTicket? Serve()
    {
        var next = Queue.Next;
        if (next is not null)
        {
            Queue.Serve(next);
        }

        return next;
    }

    /// <summary>Serves so many, and says whose they were.</summary>
    public string Serve(int count, Func<QueuedTicket, string> name) => string.Concat(Enumerable.Range(0, count).Select(_ => name(Serve()!)));

    public string ServeTenants(int count) => Serve(count, ticket => ticket.Request.Tenant ?? "-");
}
