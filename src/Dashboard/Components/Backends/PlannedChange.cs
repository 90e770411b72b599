using Admission.Capacity;
using Admission.Dashboard.Feed;

namespace Admission.Dashboard.Components.Backends;

/// <summary>A change that an operator is about to make: shown from what to what before it is made.</summary>
/// <param name="Title">What is asked, in a sentence.</param>
/// <param name="Fields">What changes, from what, to what.</param>
/// <param name="Consequence">What it means for requests, in a sentence.</param>
/// <param name="Verb">What the button says.</param>
/// <param name="Done">What is said when it is in force.</param>
/// <param name="Edit">The change.</param>
/// <param name="Version">The version of the policy that the operator has seen.</param>
public sealed record PlannedChange(string Title, IReadOnlyList<FieldChange> Fields, string Consequence, string Verb, string Done, PolicyEdit Edit, long Version);
