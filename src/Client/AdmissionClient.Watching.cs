using Admission.Capacity;

namespace Admission.Client;

/// <content>Requests that are looked at while they wait.</content>
public sealed partial class AdmissionClient
{
    /// <summary>Asks for a permit, and tells somebody of the ticket.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="watcher">Is told if the request waits.</param>
    /// <param name="cancellation">The client has left: the ticket is given up.</param>
    /// <returns>A permit to dispose, or a refusal with its reason.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The weight is less than 1, or the priority not from 0 to 99.</exception>
    /// <exception cref="OperationCanceledException">The client left before the decision.</exception>
    public ValueTask<AdmissionOutcome> AcquireWatchedAsync(string backend, AdmissionRequest request, ITicketWatcher? watcher, CancellationToken cancellation = default) =>
        _backends.TryGetValue(backend, out var holder)
            ? holder.AcquireAsync(request, cancellation, watcher)
            : new ValueTask<AdmissionOutcome>(Unknown);

    /// <summary>The same for who lets thousands wait: what awaits the request itself keeps no room for the answer, which a task of it would take twice.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="watcher">Is told if the request waits.</param>
    /// <param name="outcome">The answer, where the request does not wait.</param>
    /// <param name="cancellation">The client has left: the ticket is given up.</param>
    /// <returns>The request if it waits; null if it was decided.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The weight is less than 1, or the priority not from 0 to 99.</exception>
    internal PendingAdmission? Ask(string backend, in AdmissionRequest request, ITicketWatcher? watcher, out AdmissionOutcome outcome, CancellationToken cancellation)
    {
        if (_backends.TryGetValue(backend, out var holder))
        {
            return holder.TryAcquire(request, out outcome) ? null : holder.AcquireSlowly(request, watcher, out outcome, cancellation);
        }

        outcome = Unknown;
        return null;
    }

    /// <summary>Asks the ledger, in one message, where requests of this process stand.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="tickets">The numbers of their tickets (<see cref="WaitingRequest.Ticket"/>); at most <see cref="ICapacityGrain.MostPlaces"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Those that wait; empty if the backend is not configured here.</returns>
    public async Task<IReadOnlyList<TicketPosition>> PlacesAsync(string backend, long[] tickets, CancellationToken cancellation = default) =>
        _backends.TryGetValue(backend, out var holder) ? await holder.PlacesAsync(tickets).WaitAsync(cancellation) : [];
}
