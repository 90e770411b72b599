using Admission.Capacity;

namespace Admission.Client;

/// <summary>Who wants to know of a request while it waits.</summary>
public interface ITicketWatcher
{
    /// <summary>The request waits. Its decision may come at the same time; a request that is decided at once is not told of.</summary>
    /// <param name="ticket">The request. Its place is known once the ledger has it.</param>
    void Waits(WaitingRequest ticket);
}
