using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Silo.Tests")]
