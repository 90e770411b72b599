namespace Admission.Frontend.Scaling;

/// <summary>What a backend's autoscaler needs.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Demand">Permits in use, and requests that wait: over all gateways.</param>
/// <param name="InUse">Permits in use.</param>
/// <param name="Waiting">Requests that wait.</param>
/// <param name="Limit">The limit in force; 0 while there is no destination.</param>
/// <param name="Replicas">Destinations that there are, also those that drain.</param>
/// <param name="PerReplica">Places of one instance.</param>
/// <param name="Target">The part of them that should be in use, in percent.</param>
/// <param name="Desired">Instances that are wanted for the demand; 0 without any.</param>
internal sealed record ScaleView(string Backend, int Demand, int InUse, int Waiting, int Limit, int Replicas, int PerReplica, int Target, int Desired);
