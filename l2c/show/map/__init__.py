"""The process map and BPMN diagrams, drawn."""
