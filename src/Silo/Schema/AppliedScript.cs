namespace Admission.Silo.Schema;

/// <summary>A step that the database has: a row of <c>admission_schema</c>.</summary>
internal sealed record AppliedScript(int Version, string Name, string Checksum);
