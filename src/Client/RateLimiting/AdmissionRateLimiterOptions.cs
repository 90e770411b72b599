using System.Threading.RateLimiting;
using Admission.Capacity;

namespace Admission.Client.RateLimiting;

/// <summary>The settings of an <see cref="AdmissionRateLimiter"/>. How many permits there are, and who may wait for how long in the whole cluster, says the backend's policy.</summary>
public sealed class AdmissionRateLimiterOptions
{
    /// <summary>
    /// Permits that may be waited for in this limiter at once, 0 or more, beside what the policy lets wait in the whole cluster. Null (the default) leaves it to the policy.
    /// Where the policy has no queue nobody waits, whatever stands here.
    /// </summary>
    public int? QueueLimit { get; set; }

    /// <summary>
    /// Who of those that wait in this limiter gets the next permit; default the oldest. With <see cref="QueueProcessingOrder.NewestFirst"/> a full queue drops its oldest. In which order the processes of the
    /// cluster are served says the policy.
    /// </summary>
    public QueueProcessingOrder QueueProcessingOrder { get; set; } = QueueProcessingOrder.OldestFirst;

    /// <summary>The priority of all that ask here: 0 (served first) to 99; default <see cref="Priorities.Normal"/>.</summary>
    public int Priority { get; set; } = Priorities.Normal;

    /// <summary>The tenant of all that ask here, at most 200 characters; null (the default) for none.</summary>
    public string? Tenant { get; set; }

    /// <summary>How long a request may wait. More than 0; null (the default) leaves it to the policy. The shorter of the two holds.</summary>
    public TimeSpan? MaxWait { get; set; }

    /// <summary>
    /// How long a request that may not wait, because <see cref="QueueLimit"/> is reached, asks the ledger for a permit that lies idle elsewhere. 1 ms to 10 s; default 200 ms. A policy without a queue answers it in a round trip.
    /// </summary>
    public TimeSpan AnswerWithin { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Says everything that is wrong; empty when nothing is.</summary>
    internal List<string> Mistakes()
    {
        var mistakes = new List<string>();
        if (QueueLimit < 0)
        {
            mistakes.Add($"QueueLimit: {QueueLimit} is not possible. Give 0 or more, or null to leave it to the policy.");
        }

        if (!Enum.IsDefined(QueueProcessingOrder))
        {
            mistakes.Add($"QueueProcessingOrder: {QueueProcessingOrder} is not possible. Give OldestFirst or NewestFirst.");
        }

        if (Priority is < Priorities.Critical or > Priorities.Lowest)
        {
            mistakes.Add($"Priority: {Priority} is not possible. Give {Priorities.Critical} to {Priorities.Lowest}.");
        }

        if (Tenant is { Length: 0 or > QueueOrderRules.LongestTenant })
        {
            mistakes.Add($"Tenant: {Tenant.Length} characters are not possible. Give 1 to {QueueOrderRules.LongestTenant}, or null for none.");
        }

        if (MaxWait <= TimeSpan.Zero)
        {
            mistakes.Add($"MaxWait: {MaxWait} is not possible. Give more than zero, or null to leave it to the policy; for no wait set QueueLimit to 0.");
        }

        if (AnswerWithin < TimeSpan.FromMilliseconds(1) || AnswerWithin > TimeSpan.FromSeconds(10))
        {
            mistakes.Add($"AnswerWithin: {AnswerWithin} is not possible. Give 1 ms to 10 s.");
        }

        return mistakes;
    }
}
