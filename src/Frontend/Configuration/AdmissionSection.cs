namespace Admission.Frontend.Configuration;

/// <summary>The section <c>Admission</c>, wherever the host keeps it.</summary>
/// <param name="Section">The section.</param>
internal sealed record AdmissionSection(IConfigurationSection Section);
